# Checks that cmake/check_layers.cmake detects violations, on small trees that are made here:
#     cmake -D CHECK=<check_layers.cmake> -D FOLDER=<for the trees> -P layers_test.cmake
cmake_minimum_required(VERSION 3.25)

# Begins a tree: a(x) includes b(y), and b has another file. The table that fits is `table`.
function(begin_tree)
  file(REMOVE_RECURSE "${FOLDER}")
  add(part/a/x.hpp "b/y.hpp")
  add(part/a/x.cpp "a/x.hpp")
  add(part/b/y.hpp)
  add(part/b/y.cpp "b/y.hpp" "string")
  set(table "layers(part \"a: b\" \"b:\")" PARENT_SCOPE)
endfunction()

# add(FILE INCLUDED...)
function(add file)
  set(text "#pragma once\n\n")
  foreach(name IN LISTS ARGN)
    string(APPEND text "#include \"${name}\"\n")
  endforeach()
  file(WRITE "${FOLDER}/${file}" "${text}")
endfunction()

function(check result output)
  file(WRITE "${FOLDER}/layers.cmake" "${table}\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -D ROOT=${FOLDER} -D TABLE=${FOLDER}/layers.cmake -P ${CHECK}
    RESULT_VARIABLE status ERROR_VARIABLE errors)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")  # cmake breaks lines
  set(${result} "${status}" PARENT_SCOPE)
  set(${output} "${errors}" PARENT_SCOPE)
endfunction()

function(expect_pass what)
  check(status errors)
  if(NOT status EQUAL 0)
    message(SEND_ERROR "${what}: refused: ${errors}")
  endif()
endfunction()

# expect_refusal(WHAT MESSAGE)
function(expect_refusal what message)
  check(status errors)
  string(FIND "${errors}" "${message}" position)
  if(status EQUAL 0)
    message(SEND_ERROR "${what}: not noticed")
  elseif(position EQUAL -1)
    message(SEND_ERROR "${what}: not '${message}' but: ${errors}")
  endif()
endfunction()

begin_tree()
expect_pass("a tree that is as its table says")

begin_tree()
add(part/b/y.cpp "b/y.hpp" "a/x.hpp")
expect_refusal("an include that is not allowed"
  "part/b/y.cpp includes a/x.hpp: 'b' may not include 'a'")

begin_tree()
add(part/b/y.cpp "../a/x.hpp")
expect_refusal("an include by a relative path"
  "part/b/y.cpp includes a/x.hpp: 'b' may not include 'a'")

begin_tree()
add(part/a/x.cpp "x.hpp" "../b/y.hpp")
expect_pass("includes by relative paths that are allowed")

begin_tree()
add(part/b/y.hpp "b/z.hpp")
add(part/b/z.hpp "b/y.hpp")
expect_refusal("headers that include each other" "part: a circle of includes: b/y.hpp b/z.hpp")

begin_tree()
add(part/b/y.cpp "b/y.hpp" "b/z.hpp")
add(part/b/z.hpp)
add(part/b/z.cpp "b/z.hpp" "b/y.hpp")
expect_pass("sources that include each other's headers, without PAIRS")
set(table "layers(part PAIRS \"a: b\" \"b:\")")
expect_refusal("sources that include each other's headers" "part: a circle of includes: b/y b/z")

begin_tree()
add(part/b/y.cpp "b/y.hpp" "a/x.hpp")
set(table "layers(part \"a: b\" \"b: a/x.hpp\")")
expect_pass("an include of a single file that is allowed")
add(part/b/y.cpp "b/y.hpp" "a/z.hpp")
add(part/a/z.hpp)
expect_refusal("an include of another file" "part/b/y.cpp includes a/z.hpp")

begin_tree()
set(table "layers(part \"a: b\" \"b: a\")")
expect_refusal("an arrow that nobody uses" "part: 'b' may include 'a', and does not")

begin_tree()
add(part/c/z.hpp)
expect_refusal("a folder without a line" "part/c/z.hpp: its folder has no line")

begin_tree()
set(table "layers(part \"a: b\" \"b:\" \"c:\")")
expect_refusal("a line without a folder" "part/c: in cmake/layers.cmake, but without files")

begin_tree()
foreach(i RANGE 1 23)
  add(part/b/${i}.cpp)
endforeach()
expect_pass("a folder of 25 files")
add(part/b/24.cpp)
expect_refusal("a folder of 26 files" "part/b: 26 files, of at most 25")
set(table "at_most_files_in_folders(part)")
expect_refusal("a folder of 26 files in a part without layers" "part/b: 26 files, of at most 25")

begin_tree()
add(other/o.cpp "part/secret.hpp")
set(table "must_not_include(other \"part/\")")
expect_refusal("an include of another part" "other/o.cpp: #include \"part/secret.hpp\": other may not know it")
set(table "must_not_include(gone \"part/\")\nat_most_files_in_folders(gone_too)")
expect_refusal("a rule about a folder that is not there" "gone: in cmake/layers.cmake, but without files")
expect_refusal("a limit for a folder that is not there" "gone_too: in cmake/layers.cmake, but without files")
