#pragma once

#include <cstddef>

namespace buntdb::engine {

inline constexpr std::size_t cache_line = 64;

/// Prefetches the cache line of an address, which need not be valid.
inline void prefetch(const void* at) noexcept {
  __builtin_prefetch(at);
  // GCC treats a function that only prefetches as pure, and drops the calls that it does not inline
  // early. The empty asm counts as a side effect.
  asm volatile("");
}

/// Prefetches the cache lines of this many bytes, in steps of one line from the address.
inline void prefetch(const void* at, std::size_t bytes) noexcept {
  for (std::size_t offset = 0; offset < bytes; offset += cache_line)
    prefetch(static_cast<const char*>(at) + offset);
}

}  // namespace buntdb::engine
