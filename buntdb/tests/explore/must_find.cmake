# cmake -D PROGRAM=… -D ARGUMENTS=… -D SAYING=… -P must_find.cmake: the explorer must find a
# violation and describe it with this text. A crash does not count, nor does a program that did not
# run at all.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS}
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
message(STATUS "${output}${errors}")
if(NOT result EQUAL 1 OR NOT output MATCHES "VIOLATION: [^\n]*(${SAYING})")
  message(FATAL_ERROR "the explorer did not find the defect (it ended with ${result})")
endif()
