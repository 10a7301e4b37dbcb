# Runs PROGRAM in GDB with PRINTERS, and compares what it prints.

set(names full missing id found copied erased session fresh moved secret)
set(commands -ex "source ${PRINTERS}" -ex "break stop" -ex run -ex up)
foreach(name IN LISTS names)
  list(APPEND commands -ex "print ${name}")
endforeach()
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 DEBUGINFOD_URLS=
    ${GDB} --batch -nx -iex "set auto-load off" ${commands} ${PROGRAM}
  OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(out MATCHES "Python scripting is not supported" OR err MATCHES "Python scripting is not supported")
  message("SKIPPED: this gdb has no Python")
  return()
endif()
if(err MATCHES "Could not trace the inferior process|ptrace: Operation not permitted")
  message("SKIPPED: no process may be traced here")
  return()
endif()
string(REPEAT x 80 cut)
set(expected
  "scs::error {store_full, \"no \\x22room\\x22 left\"}"
  "buntdb::error {index_not_found, \"there is no index 'ages'\"}"
  "\"h:an-id\""
  "buntdb::found_item {value = \"a value\\x0a\", expires_at = never, revision = 7}"
  "buntdb::copied_item {value = \"${cut}\"... (200 bytes), expires_at = 1970-01-02T00:00:00Z, revision = 8}"
  "buntdb::change {kind = erased, key = \"user:1\", value = \"\", expires_at = never, revision = 9, missed = 0}"
  "scs::session {state = live, id = \"h:"
  "scs::session {state = unknown, id = none, changes = 0}"
  "scs::session {moved from}"
  "scs::session {state = live, id = hidden (a token), changes = 1}")
foreach(line IN LISTS expected)
  string(FIND "${out}" " = ${line}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "gdb did not print\n  ${line}\nbut\n${out}\n${err}")
  endif()
endforeach()
