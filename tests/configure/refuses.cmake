# Configures the project for a target that it does not support, and expects one clear error.
# cmake -D SOURCE=FOLDER -D COMPILER=FILE -D FOLDER=EMPTY_FOLDER -P refuses.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${FOLDER})
# The compiler only has to report the size of a pointer. Nothing is linked, so no 32-bit library is
# needed.
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER} -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER}
    -D CMAKE_CXX_FLAGS=-m32 -D CMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY
  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE errors)
set(needs [[needs Linux \(or, for development, macOS\) on a 64-bit processor; the target is ]])
string(REGEX REPLACE "[ \n]+" " " words "${errors}")
if(NOT failed)
  message(FATAL_ERROR "a 32-bit target was accepted:\n${output}")
endif()
if(NOT words MATCHES "${needs}Linux with 32 bits")
  message(FATAL_ERROR "the message is not clear:\n${errors}")
endif()

# An unknown system.
file(REMOVE_RECURSE ${FOLDER})
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER} -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER}
    -D CMAKE_SYSTEM_NAME=FreeBSD -D CMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY
  RESULT_VARIABLE failed ERROR_VARIABLE other_errors)
string(REGEX REPLACE "[ \n]+" " " words "${other_errors}")
if(NOT failed OR NOT words MATCHES "${needs}FreeBSD with 64 bits")
  message(FATAL_ERROR "another system was accepted, or the message is not clear:\n${other_errors}")
endif()

string(REGEX MATCHALL "CMake Error" found "${errors}")
list(LENGTH found count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "there is more than one error:\n${errors}")
endif()
