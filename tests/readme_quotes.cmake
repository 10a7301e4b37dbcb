# Fails unless README quotes PROGRAM, the same text, as a block of C++.
file(READ ${README} readme)
file(READ ${PROGRAM} program)
string(FIND "${readme}" "```cpp\n${program}```" position)
if(position EQUAL -1)
  message(FATAL_ERROR "${README} does not quote ${PROGRAM} as it is: copy it into its ```cpp block")
endif()
