# Prints a page for Doxygen: headings get the anchors that GitHub gives them, with the page's name
# before them, and links between pages become references to these.

BEGIN {
  count = split("README ARCHITECTURE CHANGELOG CONTRIBUTING SECURITY", names, " ")
  for (i = 1; i <= count; ++i) is_page[names[i]] = 1
}

FNR == 1 {
  page = FILENAME
  sub(/.*\//, "", page)
  sub(/\.md$/, "", page)
  in_docs = FILENAME ~ /(^|\/)docs\/[^\/]*$/
  if (in_docs && page == "README") page = "pages"  # the list of all pages, and not the project's README
}

/^ *```/ { end_indented(); in_code = !in_code; print; next }
in_code { print; next }

# Code that is indented, outside of a list, becomes a block: Doxygen takes some of it for a command.
/^    / && (in_indented || (after_blank && text_line !~ /^( |- |[0-9]+\. )/)) {
  if (!in_indented) print "```"
  in_indented = 1
  for (; blank_lines > 0; --blank_lines) print ""
  print substr($0, 5)
  next
}
/^$/ {
  after_blank = 1
  if (in_indented) ++blank_lines
  else print
  next
}
{
  end_indented()
  after_blank = 0
  text_line = $0
}
/^<!--.*-->$/ { next }

/^#+ / {
  heading = $0
  sub(/^#+ /, "", heading)
  mark = $0
  sub(/ .*/, "", mark)
  if (mark == "#") {
    gsub(/`/, "", heading)  # a title is plain text in the list of pages
    print mark " " heading " {#page_" id_of(page) "}"
  } else {
    anchor = slug(heading)
    if (used[anchor]++) anchor = anchor "-" used[anchor] - 1
    print mark " " heading " {#" id_of(page) "_" anchor "}"
  }
  next
}

{
  line = links($0)
  # In Doxygen, an apostrophe ends what one backtick begins.
  if (line !~ /``/) gsub(/`/, "``", line)
  # A backslash before a backtick would be one with it, and a single quotation mark would go on.
  while (match(line, /``[^`]*\\``|``"``/)) {
    code = substr(line, RSTART + 2, RLENGTH - 4)
    gsub(/\\/, "\\&#92;", code)
    gsub(/"/, "\\&quot;", code)
    line = substr(line, 1, RSTART - 1) "<code>" code "</code>" substr(line, RSTART + RLENGTH)
  }
  print line
}

END { end_indented() }

function end_indented() {
  if (!in_indented) return
  print "```"
  for (; blank_lines > 0; --blank_lines) print ""
  in_indented = 0
}

# SECURITY.md and docs/security.md must not differ by case only: the reference is a folder of files.
function id_of(page) {
  return page in is_page ? "project-" tolower(page) : page
}

# As GitHub makes an anchor of a heading.
function slug(heading) {
  heading = tolower(heading)
  gsub(/`|\*/, "", heading)
  heading = without_links(heading)
  gsub(/[^a-z0-9_ -]/, "", heading)
  gsub(/ /, "-", heading)
  return heading
}

# "[text](target)" becomes "text".
function without_links(text,    start) {
  while (match(text, /\]\([^)]*\)/)) text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
  gsub(/\[/, "", text)
  return text
}

function links(text,    done, target, rest) {
  done = ""
  while (match(text, /\]\([^)]*\)/)) {
    target = substr(text, RSTART + 2, RLENGTH - 3)
    rest = substr(text, RSTART + RLENGTH)
    done = done substr(text, 1, RSTART - 1)
    text = rest
    target = reference(target)
    # What is in the sources only is named, and not linked.
    if (target == "" && match(done, /\[[^\[]*$/))
      done = substr(done, 1, RSTART - 1) substr(done, RSTART + 1)
    else
      done = done "](" target ")"
  }
  return done text
}

# Where a link of this page leads in the reference; "" for a file that is in the sources only.
function reference(target,    path, anchor, name) {
  if (target ~ /^[a-z]+:/ || target ~ /\.(svg|png)$/) return target
  path = target
  anchor = ""
  if (match(target, /#/)) {
    path = substr(target, 1, RSTART - 1)
    anchor = substr(target, RSTART + 1)
  }
  if (path == "") return "#" id_of(page) "_" anchor
  name = path
  sub(/.*\//, "", name)
  if (path == "docs/README.md" || in_docs && path == "README.md") return anchor == "" ? "#page_pages" : "#pages_" anchor
  if (sub(/\.md$/, "", name) && (name in is_page && path !~ /tests|bench/ || path ~ /^docs\/[^\/]*$/ || in_docs && path !~ /\//))
    return anchor == "" ? "#page_" id_of(name) : "#" id_of(name) "_" anchor
  return ""
}
