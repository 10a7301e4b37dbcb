# Checks that sizes.awk counts correctly, and that check_sizes.cmake reports everything that is too
# long, and nothing else:
#
#     cmake -D SOURCE_DIR=… -D FOLDER=<for its files> -P sizes_test.cmake

cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND awk -f ${SOURCE_DIR}/cmake/sizes.awk functions.txt
  WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/sizes OUTPUT_VARIABLE counted)
file(READ ${CMAKE_CURRENT_LIST_DIR}/sizes/functions.expected.txt expected)
if(NOT counted STREQUAL expected)
  message(SEND_ERROR "sizes.awk counts\n${counted}instead of\n${expected}")
endif()

# Returns a function with this many lines.
function(function_of lines result)
  math(EXPR statements "${lines} - 2")
  string(REPEAT "  ++i;\n" ${statements} text)
  set(${result} "void f(int i) {\n${text}}\n" PARENT_SCOPE)
endfunction()

# expect(NAME TABLE SOURCE [PROBLEM…]): makes a part that consists of this source, and checks that
# the table reports these problems and no other.
function(expect name table source)
  set(root "${FOLDER}/${name}")
  file(WRITE "${root}/part/a.cpp" "${source}")
  file(WRITE "${root}/sizes.cmake" "${table}")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -D ROOT=${root} -D TABLE=${root}/sizes.cmake
      -P ${SOURCE_DIR}/cmake/check_sizes.cmake
    RESULT_VARIABLE result ERROR_VARIABLE said)
  string(REGEX MATCHALL "\n +(part/|sizes.awk)[^\n]*" found "${said}")
  list(TRANSFORM found STRIP)
  if(ARGN)
    set(fails 1)
  else()
    set(fails 0)
  endif()
  if(NOT found STREQUAL "${ARGN}" OR NOT result EQUAL fails)
    message(SEND_ERROR "${name}: expected '${ARGN}', and the check says:\n${said}")
  endif()
endfunction()

function_of(60 longest)
function_of(61 too_long)
set(limits "sizes(part FILES 100 FUNCTIONS 60)\n")
set(problem "part/a.cpp:1: f has 61 lines, of at most 60")
expect(longest_function "${limits}" "${longest}")
expect(too_long_function "${limits}" "${too_long}" "${problem}")
expect(exception "too_long(part/a.cpp f)\n${limits}" "${too_long}")
expect(wrong_exception "too_long(part/a.cpp g)\n${limits}" "${too_long}"
  "${problem}" "part/a.cpp g is not too long: take it out of sizes.cmake")
string(REPEAT "int i;\n" 100 longest)
expect(longest_file "${limits}" "${longest}")
expect(too_long_file "${limits}" "${longest}int j;\n" "part/a.cpp: 101 lines, of at most 100")
expect(unbalanced "${limits}" "void f() {\n" "sizes.awk says: unbalanced part/a.cpp")

# Pages. The source is the page's text here.
set(page "page(part/a.cpp LINES 3 COLUMNS 5)\n")
expect(page "${page}" "12345\n\né345\n")
expect(long_page "${page}" "1\n2\n3\n4\n" "part/a.cpp: 4 lines, of at most 3")
expect(wide_page "${page}" "123456\n" "part/a.cpp: 6 bytes, of at most 5, in '123456'")
