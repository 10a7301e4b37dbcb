# npm ci into FOLDER, unless what package-lock.json asks for is there already.
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
  WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${FOLDER}/installed ${wanted})
