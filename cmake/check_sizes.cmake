# Fails when a C++ file or a function is longer than cmake/sizes.cmake allows, or when that table names
# something that does not exist. sizes.awk counts.
#
#   cmake -D ROOT=<the project> [-D TABLE=<another table>] -P check_sizes.cmake

cmake_minimum_required(VERSION 3.25)
set(problems)
set(excepted)  # permitted exceptions that were not found yet
if(NOT DEFINED TABLE)
  set(TABLE "${CMAKE_CURRENT_LIST_DIR}/sizes.cmake")
endif()

# too_long(FILE FUNCTION): permits an exception.
function(too_long file function)
  set(excepted ${excepted} "${file} ${function}" PARENT_SCOPE)
endfunction()

# The output of sizes.awk for the C++ files below a folder.
function(measure folder result)
  file(GLOB_RECURSE files RELATIVE "${ROOT}" "${ROOT}/${folder}/*.cpp" "${ROOT}/${folder}/*.hpp")
  if(NOT files)
    message(FATAL_ERROR "${TABLE} names ${folder}, which has no C++ files")
  endif()
  execute_process(COMMAND awk -f "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/sizes.awk" ${files}
    WORKING_DIRECTORY "${ROOT}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

# sizes(FOLDER… FILES n FUNCTIONS n): no file and no function below the folders has more lines.
function(sizes)
  cmake_parse_arguments(PARSE_ARGV 0 max "" "FILES;FUNCTIONS" "")
  foreach(folder IN LISTS max_UNPARSED_ARGUMENTS)
    measure("${folder}" lines)
    foreach(line IN LISTS lines)
      if(line MATCHES "^file ([0-9]+) (.*)$")
        if(CMAKE_MATCH_1 GREATER max_FILES)
          list(APPEND problems "${CMAKE_MATCH_2}: ${CMAKE_MATCH_1} lines, of at most ${max_FILES}")
        endif()
      elseif(line MATCHES "^function ([0-9]+) ([^:]*):([0-9]+) (.*)$")
        if(CMAKE_MATCH_1 GREATER max_FUNCTIONS)
          list(APPEND found_long "${CMAKE_MATCH_2} ${CMAKE_MATCH_4}")
          list(APPEND long_functions "${CMAKE_MATCH_2}:${CMAKE_MATCH_3}: ${CMAKE_MATCH_4} has \
${CMAKE_MATCH_1} lines, of at most ${max_FUNCTIONS}")
        endif()
      else()
        list(APPEND problems "sizes.awk says: ${line}")
      endif()
    endforeach()
  endforeach()
  foreach(name IN ITEMS problems found_long long_functions)
    set(${name} "${${name}}" PARENT_SCOPE)
  endforeach()
endfunction()

# page(FILE LINES n COLUMNS n): the page has no more lines, and no line more bytes.
function(page file)
  cmake_parse_arguments(PARSE_ARGV 1 max "" "LINES;COLUMNS" "")
  file(STRINGS "${ROOT}/${file}" text ENCODING UTF-8)
  file(READ "${ROOT}/${file}" whole)
  string(REGEX MATCHALL "\n" ends "${whole}")
  list(LENGTH ends count)
  if(count GREATER max_LINES)
    list(APPEND problems "${file}: ${count} lines, of at most ${max_LINES}")
  endif()
  foreach(line IN LISTS text)
    string(LENGTH "${line}" length)
    if(length GREATER max_COLUMNS)
      list(APPEND problems "${file}: ${length} bytes, of at most ${max_COLUMNS}, in '${line}'")
    endif()
  endforeach()
  set(problems "${problems}" PARENT_SCOPE)
endfunction()

include("${TABLE}")

foreach(found text IN ZIP_LISTS found_long long_functions)
  if(NOT "${found}" IN_LIST excepted)
    list(APPEND problems "${text}")
  endif()
endforeach()
foreach(name IN LISTS excepted)
  if(NOT "${name}" IN_LIST found_long)
    list(APPEND problems "${name} is not too long: take it out of sizes.cmake")
  endif()
endforeach()

if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "Longer than sizes.cmake allows:\n  ${text}")
endif()
