#pragma once

#include <cstdint>

namespace buntdb::attacks {

/// Rounds divide a file's cases among them, so that they can run concurrently and a few of them are
/// a fair sample: round `slice` takes every slices-th case from there on.
inline constexpr std::uint64_t slices = 32;

inline constexpr std::uint64_t file_of(std::uint64_t seed) {
  return (seed - 1) / slices + 1;
}
inline constexpr std::uint64_t slice_of(std::uint64_t seed) {
  return (seed - 1) % slices;
}

}  // namespace buntdb::attacks
