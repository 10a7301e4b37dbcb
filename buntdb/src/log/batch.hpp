#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "log/marker.hpp"

namespace buntdb::log {

/// To make a batch, call begin_batch(), then append_set() and similar functions, then
/// finish_batch() when the position in the file is known. A batch that begins in an empty string is
/// exactly what to write.

/// Batches that are collected from many commands end at this size.
inline constexpr std::size_t usual_batch_size = std::size_t{1} << 20U;

/// The position of a batch.
struct batch_position {
  std::uint64_t at = 0;      ///< its offset in the file
  std::uint64_t number = 0;  ///< one more than that of the previous batch or seal, from 1
  std::uint64_t synced = 0;  ///< the highest offset known to be on disk; at most `at`
  std::uint64_t file = 0;    ///< see marker
};

/// Appends room for the marker to `out`. Returns where it begins in `out`.
std::size_t begin_batch(std::string& out);

/// Fills in the marker of the batch that begins at out[begin] and ends at the end of `out`.
void finish_batch(std::string& out, std::size_t begin, const batch_position& position) noexcept;

/// Appends a seal: a marker without commands, which vouches for everything before `synced`.
void append_seal(std::string& out, const batch_position& position);

}  // namespace buntdb::log
