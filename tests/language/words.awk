# Finds the patterns of words.txt in what text.awk prints: awk -f words.awk words.txt FILE_OF_TEXT.
# Prints "FILE:LINE: WORDS: REMEDY", and ends with 1 if there was any.

NR == FNR {
  if ($0 ~ /^(#|$)/) next
  at = index($0, "\t")
  if (!at) {
    print FILENAME ":" FNR ": no tab between the pattern and its remedy"
    failed = 1
    next
  }
  if ($0 ~ /^!/) {
    allowed[++allowances] = "(^|[^a-z0-9_-])(" substr($0, at + 1) ")($|[^a-z0-9_-])"
    next
  }
  pattern[++count] = "(^|[^a-z0-9_-])(" substr($0, 1, at - 1) ")($|[^a-z0-9_-])"
  remedy[count] = substr($0, at)
  gsub(/^\t+/, "", remedy[count])
  next
}

{
  match($0, /^[^:]*:[0-9]+:/)
  where = substr($0, 1, RLENGTH - 1)
  rest = substr($0, RLENGTH + 1)
  own = index(rest, "\t")
  text = tolower(rest)
  gsub(/\t/, " ", text)
  text = " " text " "
  for (i = 1; i <= allowances; ++i) {
    while (match(text, allowed[i])) {
      # Of the same length, so that the line's own end stays where it is.
      words = substr(text, RSTART + 1, RLENGTH - 2)
      gsub(/./, "+", words)
      text = substr(text, 1, RSTART) words substr(text, RSTART + RLENGTH - 1)
    }
  }
  for (i = 1; i <= count; ++i) {
    if (match(text, pattern[i]) && RSTART <= own) {
      words = substr(text, RSTART, RLENGTH)
      gsub(/^[^a-z0-9]+|[^a-z0-9]+$/, "", words)
      print where ": \"" words "\": " remedy[i]
      failed = 1
    }
  }
}

END { exit failed }
