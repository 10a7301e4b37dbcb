# Functions that create targets of this project: buntstore_library(), buntstore_tests(), buntstore_program().

find_package(Threads REQUIRED)

# In another project's build, a library is built when a target of that project links it.
set(BUNTSTORE_BUILD_ON_DEMAND TRUE)
if(PROJECT_IS_TOP_LEVEL OR BUNTSTORE_INSTALL)
  set(BUNTSTORE_BUILD_ON_DEMAND FALSE)
endif()

# A product is rounded before it is added, on every processor. If one instruction does both (ARM64, and
# x86-64 with -march=native), gcc would use it and round once. Then distances in the spatial index would
# differ in their last bit between processors, and between places in the program. The public headers have
# no such arithmetic.
add_compile_options(-ffp-contract=off)

# The warnings of this project. Builds of users get them only on request.
function(buntstore_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE -Wthread-safety)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # g++ 12 finds overlapping copies inside its own operator+(const char*, string&&): GCC bug 105651.
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(CMAKE_UNITY_BUILD)
    # A local name may be that of a constant in the next source.
    target_compile_options(${target} PRIVATE -Wno-shadow)
  endif()
  if(BUNTSTORE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# buntstore_library(NAME [INTERFACE] SOURCES … LINUX_SOURCES … APPLE_SOURCES … HEADERS …
#                   MORE_HEADERS … LINK … PRIVATE_LINK …)
# makes the library buntstore_NAME, known to users as buntstore::NAME, whose public headers are in
# include/ next to the calling CMakeLists.txt, and whose private ones are in src/.
# Every public header is compiled alone (target buntstore_NAME_headers) when tests are built;
# those of MORE_HEADERS are only installed, because they need libraries that this one does not link.
function(buntstore_library name)
  cmake_parse_arguments(ARG "INTERFACE" "" "SOURCES;LINUX_SOURCES;APPLE_SOURCES;HEADERS;MORE_HEADERS;LINK;PRIVATE_LINK" ${ARGN})
  if(APPLE)
    list(APPEND ARG_SOURCES ${ARG_APPLE_SOURCES})
  else()
    list(APPEND ARG_SOURCES ${ARG_LINUX_SOURCES})
  endif()
  set(target buntstore_${name})
  if(ARG_INTERFACE)
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(${target} ${ARG_SOURCES})
    set(scope PUBLIC)
    target_include_directories(${target} PRIVATE src)
    buntstore_link(${target} PRIVATE ${ARG_PRIVATE_LINK})
    buntstore_warnings(${target})
    # Before 1.0 a minor version may break interfaces.
    set_target_properties(${target} PROPERTIES
      POSITION_INDEPENDENT_CODE ON  # a plugin may contain it
      EXCLUDE_FROM_ALL ${BUNTSTORE_BUILD_ON_DEMAND}
      CXX_VISIBILITY_PRESET hidden
      VISIBILITY_INLINES_HIDDEN ON
      VERSION ${PROJECT_VERSION}
      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      INSTALL_RPATH $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>)
    if(BUILD_SHARED_LIBS)
      target_compile_definitions(${target} PUBLIC BUNTSTORE_SHARED)
    endif()
  endif()
  add_library(buntstore::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>)
  buntstore_link(${target} ${scope} ${ARG_LINK})
  if(BUNTSTORE_INSTALL)
    buntstore_install(${name}
      HEADERS ${ARG_HEADERS} ${ARG_MORE_HEADERS} LINK ${ARG_LINK} PRIVATE_LINK ${ARG_PRIVATE_LINK})
  endif()
  set_property(GLOBAL APPEND PROPERTY BUNTSTORE_PUBLIC_HEADERS ${ARG_HEADERS})
  set_property(GLOBAL APPEND PROPERTY BUNTSTORE_PUBLIC_TARGETS ${target})
  if(BUNTSTORE_BUILD_TESTS AND BUNTSTORE_CHECK_HEADERS)
    buntstore_check_headers(${target} ${ARG_HEADERS})
  endif()
endfunction()

# Compiles each header alone, with only the include path that the target publishes,
# and all of them together, the last one first: users include them in any order.
function(buntstore_check_headers target)
  set(sources)
  set(lines)
  foreach(header IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER ${header} id)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${target}_${id}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include <${header}>\n#include <${header}> // twice: it is guarded\n")
    list(APPEND sources ${source})
    list(PREPEND lines "#include <${header}>\n")
  endforeach()
  list(LENGTH sources count)
  if(count GREATER 1)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${target}_reversed.cpp)
    list(JOIN lines "" text)
    file(CONFIGURE OUTPUT ${source} CONTENT "${text}")
    list(APPEND sources ${source})
  endif()
  if(sources)
    add_library(${target}_headers OBJECT ${sources})
    target_link_libraries(${target}_headers PRIVATE ${target})
    buntstore_warnings(${target}_headers)
  endif()
endfunction()

# Compiles all public headers together in the newest mode of C++ that the compiler and CMake know.
function(buntstore_check_headers_in_newest_standard)
  set(newest 23)
  if(cxx_std_26 IN_LIST CMAKE_CXX_COMPILE_FEATURES)
    set(newest 26)
  endif()
  get_property(headers GLOBAL PROPERTY BUNTSTORE_PUBLIC_HEADERS)
  get_property(targets GLOBAL PROPERTY BUNTSTORE_PUBLIC_TARGETS)
  list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n")
  string(CONCAT text ${headers})
  set(source ${PROJECT_BINARY_DIR}/headers_in_newest_standard.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  add_library(buntstore_headers_in_newest_standard OBJECT ${source})
  target_link_libraries(buntstore_headers_in_newest_standard PRIVATE ${targets})
  set_target_properties(buntstore_headers_in_newest_standard PROPERTIES CXX_STANDARD ${newest})
  buntstore_warnings(buntstore_headers_in_newest_standard)
endfunction()

# For programs that are compiled in this way: docs/installing.md says what works.
function(buntstore_check_headers_without_exceptions target)
  list(TRANSFORM ARGN REPLACE "(.+)" "#include <\\1>\n")
  string(CONCAT text ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${target}_without_exceptions.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  add_library(${target}_headers_without_exceptions OBJECT ${source})
  target_link_libraries(${target}_headers_without_exceptions PRIVATE ${target})
  target_compile_options(${target}_headers_without_exceptions PRIVATE -fno-exceptions -fno-rtti)
  buntstore_warnings(${target}_headers_without_exceptions)
endfunction()

# The tested code is optimized as the preset says. With BUNTSTORE_FAST_TESTS, the tests themselves are
# not, because they would take most of the compile time.
function(buntstore_compile_fast target)
  if(BUNTSTORE_FAST_TESTS)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# If the preset says so, several sources are compiled as one, because most of the compile time is spent
# on included headers.
function(buntstore_join_sources target)
  if(BUNTSTORE_JOIN_SOURCES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    # A local name may be that of a constant in the next source, and g++ takes what is included for a
    # header, which should have nothing local. Other presets compile each alone.
    target_compile_options(${target} PRIVATE -Wno-shadow
      $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# What all tests include is parsed once a program, where it has enough of them for that to pay.
function(buntstore_precompile_test_headers target)
  list(LENGTH ARGN sources)
  if(BUNTSTORE_FAST_TESTS AND sources GREATER 2)
    target_precompile_headers(${target} PRIVATE <gmock/gmock.h> <gtest/gtest.h> <filesystem> <functional>
      <map> <memory> <optional> <string> <thread> <vector>)
  endif()
endfunction()

# The program has sources of a library that it also links, and uses its own. If the library's sources
# were compiled together, its object has more than those, and the linker needs it, too.
function(buntstore_replaces_library_code target)
  target_link_options(${target} PRIVATE -Wl,--allow-multiple-definition)
endfunction()

# buntstore_program(NAME SOURCES … LINK …) makes build/PRESET/bin/NAME.
function(buntstore_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  buntstore_warnings(${name})
  buntstore_join_sources(${name})
endfunction()

# buntstore_tests(NAME SOURCES … LINK … [PRIVATE_HEADERS_OF DIR] [PROPERTIES …])
# makes a GoogleTest program and registers each of its tests with ctest.
function(buntstore_tests name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;INCLUDE;DEFINITIONS;PROPERTIES" ${ARGN})
  include(GoogleTest)
  buntstore_program(${name} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${ARG_INCLUDE} ${PROJECT_SOURCE_DIR}/tests/support)
  target_compile_definitions(${name} PRIVATE ${ARG_DEFINITIONS}
    BUNTSTORE_REFERENCE_DIR="${BUNTSTORE_REFERENCE_DIR}")
  buntstore_compile_fast(${name})
  buntstore_precompile_test_headers(${name} ${ARG_SOURCES})
  set(filter)
  if(BUNTSTORE_TESTS_LEFT_OUT)
    list(JOIN BUNTSTORE_TESTS_LEFT_OUT ":" filter)
    set(filter TEST_FILTER "-${filter}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST ${filter} PROPERTIES ${ARG_PROPERTIES})
endfunction()
