# Prints the files of the command line, and its arguments that begin with "#" as they are. Each header
# of the project is inserted where it is included first. scripts/amalgamate sets:
#   mode               "header" writes the names of the headers that it prints to the file in_header;
#                      "source" reads that file and leaves those headers out
#   folders            where the headers are that are included by <name>, separated by spaces
#   generated_headers  another such folder
# A header that is included by "name" is in the folder src of the part that includes it.

BEGIN {
  folder_count = split(folders " " generated_headers, folder, " ")
  if (mode == "source")
    while ((getline name < in_header) > 0) in_the_header[name] = 1
  for (i = 1; i < ARGC; ++i) {
    if (ARGV[i] !~ /^#/) {
      print_file(ARGV[i])
      continue
    }
    print ARGV[i]
    if (ARGV[i] ~ /^#if/) ++outer_depth
    if (ARGV[i] ~ /^#endif/) --outer_depth
    branch = outer_depth ? ++branches : 0
  }
  exit failed
}

function fail(message) {
  print message > "/dev/stderr"
  failed = 1
}

function exists(path,    line) {
  if (!(path in existing)) {
    existing[path] = (getline line < path) >= 0
    close(path)
  }
  return existing[path]
}

# The path of the file that a line includes, or "" if it is not the project's.
function path_of(line, includer,    name, part, i) {
  if (match(line, /^#include <[^>]+>/)) {
    name = substr(line, 11, RLENGTH - 11)
    for (i = 1; i <= folder_count; ++i)
      if (exists(folder[i] "/" name)) return folder[i] "/" name
    return ""
  }
  match(line, /^#include "[^"]+"/)
  name = substr(line, 11, RLENGTH - 11)
  part = includer
  sub(/\/src\/.*/, "", part)
  if (exists(part "/src/" name)) return part "/src/" name
  fail(includer ": \"" name "\" is not in " part "/src")
  return ""
}

# How users include a header, or "" if they cannot.
function public_name(path,    name) {
  name = path
  if (sub(/^.*include\//, "", name) && name !~ /^buntstore\/internal\//) return name
  return ""
}

function print_title(path) {
  print "\n// ---- " (path ~ /^\// ? "include/" public_name(path) : path)
}

function print_file(path,    line, depth, included, blank) {
  if (path in printed || public_name(path) in in_the_header) return
  printed[path] = 1
  printed_in[path] = branch
  if (mode == "header" && public_name(path) != "") print public_name(path) > in_header
  print_title(path)
  depth = outer_depth
  blank = 1
  while ((getline line < path) > 0) {
    if (line ~ /^#pragma once/) continue
    if (line ~ /^# *if/) ++depth
    if (line ~ /^# *endif/) --depth
    if (line ~ /^#include /) {
      included = path_of(line, path)
      if (included == "" && depth == 0) {
        if (line in included_before) continue
        included_before[line] = 1
      }
      if (included != "") {
        # A compiler that skips this place would lack the header in the next one.
        if (depth > outer_depth && !(included in printed)) fail(path ": includes " included " after an #if")
        if (included in printed && printed_in[included] && printed_in[included] != branch)
          fail(path ": includes " included ", which is in another branch of an #if")
        if (!(included in printed) && !(public_name(included) in in_the_header)) {
          print_file(included)
          print_title(path)
          blank = 1
        }
        continue
      }
    }
    if (line == "" && blank) continue
    blank = line == ""
    print line
  }
  close(path)
}
