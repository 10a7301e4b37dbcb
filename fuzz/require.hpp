#pragma once

#include <cstdio>
#include <cstdlib>

namespace buntstore::fuzz {

/// What a fuzzer demands of what it attacks. Aborts, which is how it tells libFuzzer.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "VIOLATION: %s\n", what);
  std::abort();
}

}  // namespace buntstore::fuzz
