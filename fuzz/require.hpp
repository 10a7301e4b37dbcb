#pragma once

#include <cstdio>
#include <cstdlib>

namespace buntstore::fuzz {

/// Requires a condition. Aborts if it does not hold, which libFuzzer detects.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "VIOLATION: %s\n", what);
  std::abort();
}

}  // namespace buntstore::fuzz
