# Prints the prose of pages and the comments of sources, each line as "FILE:LINE:TEXT<tab>NEXT". Code is
# left out: blocks and `spans` in pages, text in quotation marks, indented code in comments, and everything outside of comments.
# NEXT is the next line of the same paragraph, so that a pattern of several words is found where a
# line ends between them.

FNR == 1 {
  flush()
  in_block = in_comment = in_string = 0
  raw_end = here_end = ""
  kind = FILENAME ~ /\.md$/ ? "page" : FILENAME ~ /\.([ch]pp|h|go|js|css)$/ ? "slashes" : FILENAME ~ /\.(awk|gp|py)$/ ? "lines" : "hashes"
  was_blank = 1
}

kind == "page" { page_line($0); next }
kind == "slashes" { comment_line(slashes($0)); next }
kind == "lines" { comment_line($0 ~ /^ *# / ? substr($0, index($0, "#") + 2) : ""); next }
{ comment_line(hashes($0)) }

END { flush() }

# Pages. Indented text after an empty line is code, except in the paragraphs of a list.
function page_line(line) {
  if (line ~ /^ *```/) {
    in_block = !in_block
    flush()
    return
  }
  if (in_block) return
  if (line ~ /^ *$/) {
    was_blank = 1
    flush()
    return
  }
  if (line ~ /^<!--.*-->$/) return
  if (line ~ /^    / && (was_blank && !in_list || in_indented || was_blank && line ~ /^      +[$]/)) {
    in_indented = 1
    return
  }
  in_indented = 0
  if (line ~ /^ *([-*]|[0-9]+\.) /) in_list = 1
  else if (line ~ /^[^ ]/) in_list = 0
  was_blank = 0
  emit(without_code(line))
  if (line ~ /^ *\|/ || line ~ /^#/) flush()
}

function comment_line(text) {
  if (text == "" || text ~ /^ *\/? ?    /) flush()
  else emit(without_code(text))
}

# Without `code`, "quotations" and the targets of links.
function without_code(text) {
  gsub(/``[^`]*``/, " ` ", text)
  gsub(/`[^`]*`/, " ` ", text)
  gsub(/"[^"]*"/, "\" \"", text)
  gsub(/\]\([^)]*\)/, "]", text)
  gsub(/<?https?:[^ ]*/, "", text)
  return text
}

# The comment of a line of C++, or of a language with the same comments.
function slashes(line,    text, c, two) {
  text = ""
  while (line != "") {
    if (raw_end != "") {
      if (!(c = index(line, raw_end))) return text
      line = substr(line, c + length(raw_end))
      raw_end = ""
      continue
    }
    if (in_comment) {
      if (!(c = index(line, "*/"))) return text line
      text = text substr(line, 1, c - 1)
      line = substr(line, c + 2)
      in_comment = 0
      continue
    }
    if (!match(line, /\/[\/*]|R"[^ ()\\]*\(|"|'/)) return text
    two = substr(line, RSTART, 2)
    c = substr(line, RSTART, 1)
    if (two == "//") {
      line = substr(line, RSTART + 2)
      sub(/^[\/!]?<? ?/, "", line)
      return text line
    }
    if (two == "/*") {
      in_comment = 1
      line = substr(line, RSTART + 2)
    } else if (c == "R") {
      raw_end = ")" substr(line, RSTART + 2, RLENGTH - 3) "\""
      line = substr(line, RSTART + RLENGTH)
    } else if (c == "'" && substr(line, RSTART - 1, 1) ~ /[0-9a-fA-F]/ && RSTART > 1) {
      line = substr(line, RSTART + 1)  # of a number
    } else {
      line = substr(line, RSTART)
      if (c == "\"" ? !match(line, /^"([^"\\]|\\.)*"/) : !match(line, /^'([^'\\]|\\.)*'/)) return text
      line = substr(line, RLENGTH + 1)
    }
  }
  return text
}

# The comment of a line of CMake, the shell, YAML and the like; what is between quotation marks, and here
# documents of the shell, are no comments.
function hashes(line,    c, quote) {
  if (here_end != "") {
    if (line ~ "^\t*" here_end "$") here_end = ""
    return ""
  }
  if (FNR == 1 && line ~ /^#!/) return ""
  while (line != "") {
    if (in_string) {
      if (in_string == "\"" ? !match(line, /^([^"\\]|\\.)*"/) : !match(line, /^[^']*'/)) return ""
      line = substr(line, RLENGTH + 1)
      in_string = 0
      continue
    }
    if (!match(line, /\\.|["'#]|<<-?['"]?[A-Z]+/)) return ""
    c = substr(line, RSTART, 1)
    if (c == "#" && (RSTART == 1 || substr(line, RSTART - 1, 1) ~ /[ \t]/)) {
      line = substr(line, RSTART + 1)
      sub(/^ ?/, "", line)
      return line
    }
    if (c == "<") {
      here_end = substr(line, RSTART, RLENGTH)
      gsub(/[<'"-]/, "", here_end)
    } else if (c == "\"" || c == "'" && FILENAME !~ /\.(cmake|in)$|CMakeLists/) {
      in_string = c
    }
    line = substr(line, RSTART + RLENGTH)
  }
  return ""
}

function emit(text) {
  if (held != "") print held "\t" text
  held = FILENAME ":" FNR ":" text
}
function flush() {
  if (held != "") print held "\t"
  held = ""
}
