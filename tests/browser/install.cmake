# Runs npm ci in FOLDER, unless everything in package-lock.json is installed already.
cmake_minimum_required(VERSION 3.25)

file(SHA256 ${SOURCE_DIR}/package-lock.json wanted)
set(there)
if(EXISTS ${FOLDER}/installed)
  file(READ ${FOLDER}/installed there)
endif()
if(there STREQUAL wanted)
  return()
endif()
file(COPY ${SOURCE_DIR}/package.json ${SOURCE_DIR}/package-lock.json DESTINATION ${FOLDER})
execute_process(
  COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --no-update-notifier
  WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE failed)
if(NOT failed)
  file(WRITE ${FOLDER}/installed ${wanted})
elseif(REQUIRED)
  message(FATAL_ERROR "npm could not install what the browser tests need (see above). Give it a "
    "registry, or leave these tests out with -D BUNTSTORE_REQUIRE_TEST_TOOLS=OFF")
else()
  # ctest reports a test that prints these words as skipped.
  message("SKIPPED: npm could not install what the browser tests need (see above)")
endif()
