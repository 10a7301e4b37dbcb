# Finds the libraries that the parts of this project need, and records which parts are built and which
# libraries are missing.

set(BUNTSTORE_PARTS "" CACHE INTERNAL "")

function(buntstore_part name status)
  string(REPLACE ";" "," status "${status}")  # it becomes a list's element
  set(BUNTSTORE_PARTS "${BUNTSTORE_PARTS};${name}|${status}" CACHE INTERNAL "")
endfunction()

function(buntstore_print_parts)
  set(width 0)
  foreach(part IN LISTS BUNTSTORE_PARTS)
    string(REGEX REPLACE "\\|.*" "" name "${part}")
    string(LENGTH "${name}" length)
    if(length GREATER_EQUAL width)
      math(EXPR width "${length} + 2")
    endif()
  endforeach()
  message(STATUS "buntstore ${PROJECT_VERSION}:")
  foreach(part IN LISTS BUNTSTORE_PARTS)
    if(part)
      string(REPLACE "|" ";" fields "${part}")
      list(GET fields 0 name)
      list(GET fields 1 status)
      string(LENGTH "${name}" length)
      math(EXPR pad "${width} - ${length}")
      string(REPEAT " " ${pad} spaces)
      message(STATUS "  ${name}${spaces}${status}")
    endif()
  endforeach()
endfunction()

# xxHash, used header-only (libxxhash-dev).
find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
  message(FATAL_ERROR "xxhash.h is missing: install libxxhash-dev")
endif()
add_library(buntstore_xxhash INTERFACE)
target_include_directories(buntstore_xxhash SYSTEM INTERFACE $<BUILD_INTERFACE:${XXHASH_INCLUDE_DIR}>)

# libcrypto and libssl (libssl-dev): random numbers, SHA-256; TLS to Redis.
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)

# RapidJSON (rapidjson-dev), header-only: writes the results of the benchmarks.
if(BUNTSTORE_BUILD_BENCHMARKS)
  find_path(RAPIDJSON_INCLUDE_DIR rapidjson/prettywriter.h)
  if(NOT RAPIDJSON_INCLUDE_DIR)
    message(FATAL_ERROR "rapidjson/prettywriter.h is missing: install rapidjson-dev")
  endif()
  add_library(buntstore_rapidjson INTERFACE)
  target_include_directories(buntstore_rapidjson SYSTEM INTERFACE ${RAPIDJSON_INCLUDE_DIR})
endif()

# cpp-httplib, optional: of the project that uses this one, or the system's (libcpp-httplib-dev).
set(BUNTSTORE_HTTPLIB_INCLUDE_DIR "" CACHE PATH
  "Folder of the httplib.h to use instead of the system's: the header that is the whole library")
include(package/dependencies/find_cpp_httplib)
buntstore_find_cpp_httplib()
if(BUNTSTORE_HTTPLIB_FOUND)
  set(httplib_name "cpp-httplib ${BUNTSTORE_HTTPLIB_VERSION}")
  if(NOT BUNTSTORE_HTTPLIB_VERSION)
    set(httplib_name "cpp-httplib of a version that is not known yet")
  endif()
  message(STATUS "${httplib_name}: ${BUNTSTORE_HTTPLIB_FOUND}")
  if(BUNTSTORE_HTTPLIB_VERSION AND BUNTSTORE_HTTPLIB_VERSION VERSION_LESS 0.52)
    message(STATUS "Warning: ${httplib_name} has published security holes. "
      "scs::http::serve() and the adapters work around those they can reach; docs/security.md says "
      "what is left to the application and to the proxy in front of it")
  endif()
  add_library(buntstore_cpp_httplib INTERFACE)
  if(BUNTSTORE_HTTPLIB_INCLUDE)
    target_include_directories(buntstore_cpp_httplib SYSTEM INTERFACE
      $<BUILD_INTERFACE:${BUNTSTORE_HTTPLIB_INCLUDE}>)
  endif()
  target_link_libraries(buntstore_cpp_httplib INTERFACE ${BUNTSTORE_HTTPLIB_LINK})
  target_compile_definitions(buntstore_cpp_httplib INTERFACE ${BUNTSTORE_HTTPLIB_DEFINITIONS})
  # Users of pkg-config add the folder of their header to the include path.
  buntstore_dependency(buntstore_cpp_httplib
    AS buntstore::cpp_httplib_library NEEDS threads cpp_httplib
    PC_REQUIRES ${BUNTSTORE_HTTPLIB_PACKAGE} PC_LIBS -pthread PC_CFLAGS -pthread)
endif()

# Boost.Beast and Asio (libboost-dev, on Debian 12 libboost1.81-dev), optional, header-only. Older ones have no coroutines for
# these compilers.
find_path(BOOST_BEAST_INCLUDE_DIR boost/beast/http.hpp)
if(BOOST_BEAST_INCLUDE_DIR)
  file(STRINGS ${BOOST_BEAST_INCLUDE_DIR}/boost/version.hpp boost_version REGEX "define BOOST_VERSION ")
  string(REGEX MATCH "[0-9]+$" boost_version "${boost_version}")
  if(boost_version GREATER_EQUAL 108100)
    add_library(buntstore_beast_library INTERFACE)
    target_include_directories(buntstore_beast_library SYSTEM INTERFACE
      $<BUILD_INTERFACE:${BOOST_BEAST_INCLUDE_DIR}>)
    target_link_libraries(buntstore_beast_library INTERFACE Threads::Threads)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_FLAGS MATCHES "sanitize=.*undefined")
      # clang 14 cannot put this check into coroutines ("difference across sections").
      target_compile_options(buntstore_beast_library INTERFACE -fno-sanitize=function)
    endif()
  endif()
endif()

# RESTinio (librestinio-dev), optional, header-only, on Boost's Asio as Beast is: Debian's CMake files
# of it ask for the standalone Asio, which its package does not bring along. It needs fmt and Node's
# old HTTP parser, which it does.
find_path(RESTINIO_INCLUDE_DIR restinio/all.hpp)
find_library(HTTP_PARSER_LIBRARY http_parser)
find_package(fmt QUIET)
if(RESTINIO_INCLUDE_DIR AND HTTP_PARSER_LIBRARY AND TARGET fmt::fmt AND TARGET buntstore_beast_library)
  add_library(buntstore_restinio_library INTERFACE)
  target_include_directories(buntstore_restinio_library SYSTEM INTERFACE
    $<BUILD_INTERFACE:${RESTINIO_INCLUDE_DIR}>)
  target_compile_definitions(buntstore_restinio_library INTERFACE RESTINIO_USE_BOOST_ASIO)
  target_link_libraries(buntstore_restinio_library INTERFACE
    buntstore_beast_library fmt::fmt ${HTTP_PARSER_LIBRARY})
endif()

# hiredis (libhiredis-dev), optional: reads Redis' protocol. Only its parser is used.
find_path(HIREDIS_INCLUDE_DIR hiredis/hiredis.h)
find_library(HIREDIS_LIBRARY hiredis)
if(HIREDIS_INCLUDE_DIR AND HIREDIS_LIBRARY)
  add_library(buntstore_hiredis INTERFACE)
  target_include_directories(buntstore_hiredis SYSTEM INTERFACE $<BUILD_INTERFACE:${HIREDIS_INCLUDE_DIR}>)
  target_link_libraries(buntstore_hiredis INTERFACE ${HIREDIS_LIBRARY})
endif()
# libpq (libpq-dev), optional: the store in PostgreSQL.
find_package(PostgreSQL QUIET)

# Drogon (libdrogon-dev, in Debian since 13), optional. Debian's CMake files of it fail where packages of
# databases are missing that its headers do not need. They need jsoncpp's.
find_path(DROGON_INCLUDE_DIR drogon/HttpAppFramework.h)
find_path(DROGON_JSON_INCLUDE_DIR json/value.h PATH_SUFFIXES jsoncpp)
find_library(DROGON_LIBRARY drogon)
find_library(TRANTOR_LIBRARY trantor)
find_library(JSONCPP_LIBRARY jsoncpp)
if(DROGON_INCLUDE_DIR AND DROGON_JSON_INCLUDE_DIR AND DROGON_LIBRARY AND TRANTOR_LIBRARY AND JSONCPP_LIBRARY)
  add_library(buntstore_drogon_library INTERFACE)
  target_include_directories(buntstore_drogon_library SYSTEM INTERFACE
    $<BUILD_INTERFACE:${DROGON_INCLUDE_DIR}> $<BUILD_INTERFACE:${DROGON_JSON_INCLUDE_DIR}>)
  target_link_libraries(buntstore_drogon_library INTERFACE
    ${DROGON_LIBRARY} ${TRANTOR_LIBRARY} ${JSONCPP_LIBRARY} Threads::Threads)
endif()

# nlohmann/json (nlohmann-json3-dev), optional for users' own types in a session; the tests need it.
find_package(nlohmann_json 3.11 QUIET)

if(BUNTSTORE_BUILD_TESTS)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gmock OR NOT nlohmann_json_FOUND)
    message(FATAL_ERROR "The tests need GoogleTest with GoogleMock, and nlohmann/json 3.11: install "
      "libgtest-dev libgmock-dev nlohmann-json3-dev, or build without tests: -D BUNTSTORE_BUILD_TESTS=OFF")
  endif()
  set(BUNTSTORE_REFERENCE_DIR "${PROJECT_SOURCE_DIR}/tests/reference" CACHE PATH
    "Folder of what the Go libraries answer, for the tests that replay it")
  if(NOT EXISTS ${BUNTSTORE_REFERENCE_DIR}/traces AND NOT EXISTS ${BUNTSTORE_REFERENCE_DIR}/traces.tar.xz)
    message(FATAL_ERROR "no recorded traces in ${BUNTSTORE_REFERENCE_DIR}: neither traces/*.jsonl nor "
      "traces.tar.xz. Correct BUNTSTORE_REFERENCE_DIR, or build with -D BUNTSTORE_BUILD_TESTS=OFF")
  endif()

  # The recorded runs are in an archive, or next to it if somebody has unpacked it.
  set(BUNTSTORE_TRACES_DIR ${BUNTSTORE_REFERENCE_DIR}/traces)
  set(trace_archive ${BUNTSTORE_REFERENCE_DIR}/traces.tar.xz)
  if(NOT EXISTS ${BUNTSTORE_TRACES_DIR} AND EXISTS ${trace_archive})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${trace_archive})
    file(ARCHIVE_EXTRACT INPUT ${trace_archive} DESTINATION ${PROJECT_BINARY_DIR}/reference)
    set(BUNTSTORE_TRACES_DIR ${PROJECT_BINARY_DIR}/reference/traces)
  endif()
endif()
