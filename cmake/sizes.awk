# Counts the lines of C++ files and of their functions. Prints lines of this form:
#
#   file LINES PATH
#   function LINES PATH:LINE NAME
#
# A function is a pair of braces in a namespace or a class that is neither of these, nor an enum, a union
# or a value. It is counted from the line of its opening brace to that of its closing brace;
# what is inside it (lambdas, local classes) counts to it. Braces in comments, strings, characters and
# preprocessor lines are ignored. A file whose braces do not match is reported:
#
#   unbalanced PATH
#
# POSIX awk: mawk runs it, too.

function begin_file(path) {
  file = path
  lines = 0
  depth = 0        # braces that are open
  head = ""        # the declaration so far, of the namespace or class that is open
  in_comment = in_macro = 0
  raw_end = ""     # what ends the raw string that is open
  inside = 0       # the depth of the function that is open, if any
  broken = 0
}

function end_file() {
  if (file == "") return
  if (depth != 0 || broken || in_comment || raw_end != "") print "unbalanced " file
  print "file " lines " " file
}

# Without the heads of templates, attributes and other words before the relevant one.
function declaration(text,    level, i, c) {
  while (1) {
    sub(/^[ \t]+/, "", text)
    if (text ~ /^template[ \t]*</) {
      level = 0
      for (i = index(text, "<"); i <= length(text); ++i) {
        c = substr(text, i, 1)
        if (c == "<") ++level
        if (c == ">" && --level == 0) break
      }
      text = substr(text, i + 1)
    } else if (text ~ /^(public|protected|private)[ \t]*:/) {
      sub(/^[a-z]+[ \t]*:/, "", text)
    } else if (text ~ /^(inline|static|constexpr|constinit|typedef|friend|export)[ \t]/) {
      sub(/^[a-z]+/, "", text)
    } else if (text ~ /^\[\[/) {
      sub(/^\[\[[^]]*\]\]/, "", text)
    } else {
      return text
    }
  }
}

# Replaces text in parentheses by "@", so that the rest is left.
function without_parentheses(text) {
  while (sub(/[(][^()]*[)]/, "@", text))
    continue
  return text
}

# Whether the brace after this text opens a namespace, a class or the like: also after a macro that
# needs no semicolon, and a class after a requires clause.
function opens_scope(text) {
  text = without_parentheses(declaration(text))
  sub(/^[A-Z][A-Z0-9_]*@[ \t]*/, "", text)
  if (text ~ /^requires[^A-Za-z0-9_]/) return text ~ /[^A-Za-z0-9_](class|struct|union)[ \t][^@]*$/
  return text ~ /^(namespace|class|struct|union|enum|extern[ \t]*""[ \t]*$)([^A-Za-z0-9_]|$)/
}

# What a brace after this text opens: a function's body, a value, or one of the values that a
# constructor gives to its members before its body.
function kind_of(text) {
  gsub(/operator[ \t]*[-+*\/%^&|<>=!]+/, "operator", text)
  text = without_parentheses(declaration(text))
  gsub(/[=!<>]=/, "", text)
  if (text ~ /=[ \t]*\[/) return "function"  # a lambda
  if (text ~ /=/ || text !~ /@/) return "value"
  gsub(/::/, "", text)
  if (text ~ /@[^:]*:/ && text ~ /[A-Za-z0-9_>][ \t]*$/) return "member"
  return "function"
}

# The text before the parameters; for a test, the names of its suite and of the test; for a lambda, the
# name of its variable.
function name_of(text,    name) {
  text = declaration(text)
  sub(/^requires[ \t]*[(][^()]*([(][^()]*[)][^()]*)*[)]/, "", text)
  if (match(text, /^[A-Z_]*TEST[A-Z_]*[(][^)]*[)]/)) {
    name = substr(text, 1, RLENGTH)
    sub(/^[A-Z_]*[(][ \t]*/, "", name)
    sub(/[ \t]*[)]$/, "", name)
    sub(/,[ \t]*/, ".", name)
    return name
  }
  if (match(text, /[A-Za-z0-9_]+[ \t]*=[ \t]*\[/)) {
    name = substr(text, RSTART, RLENGTH)
    sub(/[ \t]*=.*/, "", name)
    return name
  }
  if (match(text, /[A-Za-z0-9_:]*operator[^A-Za-z0-9_][^(]*[(]/) ||
      match(text, /[~A-Za-z0-9_:]+[(]/))
    return substr(text, RSTART, RLENGTH - 1)
  return "(no name)"
}

function open_brace() {
  ++depth
  if (inside) return
  if (opens_scope(head)) {
    head = ""
    return
  }
  inside = depth
  kind = kind_of(head)
  begins = FNR
}

function close_brace() {
  if (depth == 0) {
    broken = 1
    return
  }
  if (!inside) {
    head = ""
  } else if (inside == depth) {
    inside = 0
    if (kind == "function") {
      print "function " FNR - begins + 1 " " file ":" begins " " name_of(head)
      head = ""
    } else {
      head = head "()"
    }
  }
  --depth
}

# Takes a string or a character off the front of `rest`, which begins after its first quote.
function skip_quoted(quote,    i, c) {
  for (i = 1; i <= length(rest); ++i) {
    c = substr(rest, i, 1)
    if (c == "\\") ++i
    else if (c == quote) break
  }
  rest = substr(rest, i + 1)
}

function scan(line,    at, before, c, delimiter) {
  rest = line
  while (rest != "") {
    if (in_comment) {
      at = index(rest, "*/")
      if (at == 0) return
      rest = substr(rest, at + 2)
      in_comment = 0
      continue
    }
    if (raw_end != "") {
      at = index(rest, raw_end)
      if (at == 0) return
      rest = substr(rest, at + length(raw_end))
      raw_end = ""
      continue
    }
    if (!match(rest, /[{}"';]|\/\/|\/\*/)) {
      if (!inside) head = head " " rest
      return
    }
    before = substr(rest, 1, RSTART - 1)
    c = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    if (!inside) head = head before
    if (c == "//") return
    if (c == "/*") {
      in_comment = 1
    } else if (c == "\"") {
      if (before ~ /R$/) {
        delimiter = substr(rest, 1, index(rest, "(") - 1)
        rest = substr(rest, length(delimiter) + 2)
        raw_end = ")" delimiter "\""
      } else {
        skip_quoted("\"")
      }
      if (!inside) head = head "\"\""
    } else if (c == "'") {
      # Between the digits of a number it is no character's.
      if (before !~ /(^|[^A-Za-z0-9_.])[0-9][0-9A-Fa-fXx.]*$/) skip_quoted("'")
    } else if (c == "{") {
      open_brace()
    } else if (c == "}") {
      close_brace()
    } else if (!inside) {
      head = ""  # of ";"
    }
  }
  if (!inside) head = head " "
}

FNR == 1 {
  end_file()
  begin_file(FILENAME)
}
{
  lines = FNR
  if (in_macro || (!in_comment && raw_end == "" && $0 ~ /^[ \t]*#/)) {
    in_macro = $0 ~ /\\$/
    next
  }
  scan($0)
}
END { end_file() }
