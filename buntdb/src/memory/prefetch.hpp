#pragma once

#include <cstddef>

namespace buntdb::engine {

inline constexpr std::size_t cache_line = 64;

/// Asks for the cache line of an address, which need not be valid, ahead of its use.
inline void prefetch(const void* at) noexcept {
  __builtin_prefetch(at);
  // GCC treats a function that only prefetches as pure, and drops the calls that it does not inline
  // early. The empty asm counts as a side effect.
  asm volatile("");
}

/// Asks for all lines of so many bytes, from an address on, that begin at a multiple of a line's
/// length from there.
inline void prefetch(const void* at, std::size_t bytes) noexcept {
  for (std::size_t offset = 0; offset < bytes; offset += cache_line)
    prefetch(static_cast<const char*>(at) + offset);
}

}  // namespace buntdb::engine
