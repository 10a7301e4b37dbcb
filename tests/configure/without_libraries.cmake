# Configures the project with no optional library, and expects a line for each part that is not
# built. cmake -D SOURCE=FOLDER -D COMPILER=FILE -D FOLDER=EMPTY_FOLDER -P without_libraries.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${FOLDER})
set(missing)
foreach(variable HTTPLIB_INCLUDE_DIR BOOST_BEAST_INCLUDE_DIR RESTINIO_INCLUDE_DIR DROGON_INCLUDE_DIR
    HIREDIS_INCLUDE_DIR CLI11_INCLUDE_DIR LIBEDIT_INCLUDE_DIR MUSTACHE_INCLUDE_DIR)
  list(APPEND missing -D ${variable}=OFF)
endforeach()
foreach(package ICU PostgreSQL nlohmann_json fmt)
  list(APPEND missing -D CMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER} -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER}
    -D BUNTSTORE_BUILD_TESTS=OFF ${missing}
  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(failed)
  message(FATAL_ERROR "configuring fails without optional libraries:\n${errors}")
endif()
foreach(part collate redis postgres httplib beast restinio drogon tool examples)
  if(NOT output MATCHES "--   ${part} +not built: [^\n]*missing|--   ${part} +not built: they need")
    message(FATAL_ERROR "nothing is said of ${part}:\n${output}")
  endif()
endforeach()

# Without one of them at a time: a part may need two.
set(libraries ${missing})
list(REMOVE_ITEM libraries -D)
foreach(library IN LISTS libraries)
  file(REMOVE_RECURSE ${FOLDER})
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER} -G Ninja -D CMAKE_CXX_COMPILER=${COMPILER}
      -D BUNTSTORE_BUILD_TESTS=OFF -D ${library}
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE errors)
  if(failed)
    message(FATAL_ERROR "configuring fails with ${library}:\n${errors}")
  endif()
endforeach()
