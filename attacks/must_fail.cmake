# cmake -D PROGRAM=… [-D ARGUMENTS=…] -P must_fail.cmake: the attack must find a violation. A crash
# does not count, nor does a program that did not run at all.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} --seconds 60 --jobs 2
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
message(STATUS "${output}${errors}")
if(result EQUAL 77)
  message(STATUS "this machine cannot run the attack")
  return()
endif()
if(NOT result EQUAL 1 OR NOT output MATCHES "VIOLATION")
  message(FATAL_ERROR "the attack did not find the fault (it ended with ${result})")
endif()
