# Adds the headings of the pages to the index of the search, each under all of its words: Doxygen
# itself adds titles of pages only. Reads FOLDER/search/searchdata.js and then FOLDER/page_*.html,
# and rewrites FOLDER/search/all_*.js. scripts/docs sets folder.

# The letters of the index "all": the place of a letter is the number of its file.
FILENAME ~ /searchdata\.js$/ {
  if (/^ *0: "/ && letters == "") {
    letters = $0
    gsub(/^ *0: "|",? *$/, "", letters)
  }
  next
}

FNR == 1 {
  page = FILENAME
  sub(/.*\//, "", page)
  title = ""
}
/<div class="title">/ && title == "" {
  title = plain($0)
}
/^<h[1-4]>.*<a class="anchor" id="[^"]*"><\/a>/ || waits {
  if (!waits) {
    match($0, /id="[^"]*"/)
    id = substr($0, RSTART + 4, RLENGTH - 5)
    waits = 1
    if ($0 ~ /<\/a> *$/) next
  }
  waits = 0
  add(plain($0))
}

END {
  for (letter in entries) {
    file = sprintf("%s/search/all_%x.js", folder, index(letters, letter) - 1)
    text = ""
    while ((getline line < file) > 0) text = text (line == "[" ? line "\n" entries[letter] : line "\n")
    close(file)
    printf "%s", text > file
    close(file)
  }
}

function plain(html) {
  gsub(/<[^>]*>/, "", html)
  gsub(/&#160;/, " ", html)
  gsub(/'/, "\\&#39;", html)
  gsub(/\\/, "\\&#92;", html)
  sub(/^ +/, "", html)
  sub(/ +$/, "", html)
  return html
}

function add(heading,    words, count, i, word, letter) {
  count = split(tolower(heading), words, /[^a-z0-9]+/)
  for (i = 1; i <= count; ++i) {
    word = words[i]
    letter = substr(word, 1, 1)
    if (length(word) < 3 || word ~ /^(and|are|for|how|the|what|with|not|its)$/ || !index(letters, letter)) continue
    entries[letter] = entries[letter] "  ['" word "_heading_" ++number "',['" heading "',['../" page "#" id "',1,'" title "']]],\n"
  }
}
