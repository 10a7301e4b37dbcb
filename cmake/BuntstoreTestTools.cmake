# Servers and programs that tests start. If one is missing, its tests are left out: the configuration
# prints which and why, and ctest lists each of them as skipped.

option(BUNTSTORE_REQUIRE_TEST_TOOLS
  "Make it an error when a server or program that tests start is missing" OFF)
set(BUNTSTORE_TESTS_WITHOUT "" CACHE STRING "Groups of tests to leave out: browser, attacks")

# buntstore_find_test_tool(VARIABLE PROGRAM PACKAGE [FOLDER…]) sets VARIABLE to the program's path,
# which may also be in one of the folders, and VARIABLE_PACKAGE to the Debian package that has it.
macro(buntstore_find_test_tool variable program package)
  find_program(${variable} ${program} PATHS ${ARGN})
  set(${variable}_PACKAGE ${package})
  set(${variable}_PROGRAM ${program})
endmacro()

# buntstore_leave_out_tests(WHY NAME…): these tests cannot run; WHY is the reason, in one line.
function(buntstore_leave_out_tests why)
  foreach(name IN LISTS ARGN)
    add_test(NAME "${name} (${why})" COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: ${why}")
    set_tests_properties("${name} (${why})" PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: ")
  endforeach()
  list(JOIN ARGN ", " names)
  message(STATUS "Left out of the tests: ${names}: ${why}")
endfunction()

# buntstore_tests_need(RESULT TOOLS VARIABLE… TESTS NAME… [SKIP_THEMSELVES]) sets RESULT to whether
# the tools of these variables were found. If one was not, the tests are left out, or configuring
# fails. Tests that SKIP_THEMSELVES look for the tool when they run.
function(buntstore_tests_need result)
  cmake_parse_arguments(ARG "SKIP_THEMSELVES" "" "TOOLS;TESTS" ${ARGN})
  set(missing)
  set(packages)
  foreach(tool IN LISTS ARG_TOOLS)
    if(NOT ${tool})
      list(APPEND missing ${${tool}_PROGRAM})
      list(APPEND packages ${${tool}_PACKAGE})
    endif()
  endforeach()
  if(NOT missing)
    set(${result} TRUE PARENT_SCOPE)
    return()
  endif()
  set(${result} FALSE PARENT_SCOPE)
  list(REMOVE_DUPLICATES packages)
  list(JOIN missing " and " missing)
  list(JOIN packages " " packages)
  if(BUNTSTORE_REQUIRE_TEST_TOOLS)
    list(JOIN ARG_TESTS ", " names)
    message(FATAL_ERROR "The tests ${names} need ${missing}. Install ${packages}, or leave these "
      "tests out with -D BUNTSTORE_REQUIRE_TEST_TOOLS=OFF")
  endif()
  if(ARG_SKIP_THEMSELVES)
    list(JOIN ARG_TESTS ", " names)
    message(STATUS "Left out of the tests: ${names}: no ${missing}: install ${packages}")
  else()
    buntstore_leave_out_tests("no ${missing}: install ${packages}" ${ARG_TESTS})
  endif()
endfunction()
