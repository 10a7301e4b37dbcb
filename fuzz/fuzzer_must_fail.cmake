# cmake -D PROGRAM=… -D FOLDER=… -P fuzzer_must_fail.cmake: the fuzzer must find its violation.
execute_process(COMMAND ${PROGRAM} -max_total_time=60 -seed=1 -max_len=64 -artifact_prefix=${FOLDER}/
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
if(result EQUAL 0 OR NOT errors MATCHES "VIOLATION: this fuzzer fails on purpose")
  message(FATAL_ERROR "the fuzzer did not find what it must find (it ended with ${result})\n${errors}")
endif()
