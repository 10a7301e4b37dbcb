# Configures projects that bring their own cpp-httplib, and expects that it is used. Its header is a
# stand-in: the project's source, which is compiled, reads only the version.
# cmake -D SOURCE=FOLDER -D COMPILER=FILE -D FOLDER=EMPTY_FOLDER -P httplib_of_project.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${FOLDER})
# By the line that is left out it is recognized as the whole library.
file(WRITE ${FOLDER}/library/httplib.h "#pragma once
#define CPPHTTPLIB_VERSION \"9.8.7\"
#if 0
inline bool Server::listen_after_bind() {}
#endif
")
file(WRITE ${FOLDER}/project/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
if(WITH_TARGET)
  add_library(httplib INTERFACE)
  add_library(httplib::httplib ALIAS httplib)
  target_include_directories(httplib INTERFACE $<BUILD_INTERFACE:${FOLDER}/library>)
  target_compile_definitions(httplib INTERFACE CPPHTTPLIB_OF_THE_PROJECT)
endif()
add_subdirectory(${SOURCE} buntstore)
add_library(source OBJECT source.cpp)
target_link_libraries(source PRIVATE buntstore_cpp_httplib)
")
file(WRITE ${FOLDER}/project/source.cpp "#include <httplib.h>
static_assert(sizeof CPPHTTPLIB_VERSION == 6 && CPPHTTPLIB_VERSION[0] == '9');
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
#error \"a macro of another library\"
#endif
#if defined(WITH_TARGET) && !defined(CPPHTTPLIB_OF_THE_PROJECT)
#error \"without the target's macro\"
#endif
")
# Fails unless configuring prints `expected`, and the source compiles.
function(expect what expected)
  set(build ${FOLDER}/${what})
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${FOLDER}/project -B ${build} -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER} ${ARGN}
    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(failed)
    message(FATAL_ERROR "${what}: configuring fails:\n${errors}")
  endif()
  if(NOT output MATCHES "-- cpp-httplib 9.8.7: ${expected}" OR NOT output MATCHES "--   httplib +sessions for cpp-httplib")
    message(FATAL_ERROR "${what}: configuring does not say which one it takes:\n${output}")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} --target source
    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(failed)
    message(FATAL_ERROR "${what}: another header is used:\n${output}${errors}")
  endif()
endfunction()

expect(target "the target httplib::httplib of the project" -D WITH_TARGET=ON -D CMAKE_CXX_FLAGS=-DWITH_TARGET
  -D BUNTSTORE_HTTPLIB_INCLUDE_DIR=/nowhere)
expect(header "the header in ${FOLDER}/library" -D BUNTSTORE_HTTPLIB_INCLUDE_DIR=${FOLDER}/library)
# What the system has: a header alone, without a library.
expect(system "the system's header in ${FOLDER}/library" -D HTTPLIB_INCLUDE_DIR=${FOLDER}/library)

execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${FOLDER}/project -B ${FOLDER}/nothing -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER}
    -D BUNTSTORE_HTTPLIB_INCLUDE_DIR=${FOLDER}/project
  RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE errors)
string(REGEX REPLACE "[ \n]+" " " words "${errors}")
if(NOT failed OR NOT words MATCHES "is ${FOLDER}/project, where there is no httplib.h")
  message(FATAL_ERROR "a folder without the header is not refused:\n${errors}")
endif()
