// A fuzzer with a violation that it must find; otherwise the other fuzzers would prove nothing.
// These bytes cannot be guessed: they are found one after the other, because the fuzzer sees how
// far each input gets.
#include <cstddef>
#include <cstdint>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 3 && data[0] == 'B') {
    if (data[1] == 'U') {
      if (data[2] == 'N') {
        buntstore::fuzz::require(data[3] != 'T', "this fuzzer fails on purpose");
      }
    }
  }
  return 0;
}
