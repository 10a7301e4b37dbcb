#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "log/marker.hpp"

namespace buntdb::log {

/// How a batch is made: begin_batch(), then append_set() and its like, then finish_batch() once the
/// place in the file is known. A batch that begins in an empty string is exactly what to write.

/// Batches that are gathered from many commands end when they have this size.
inline constexpr std::size_t usual_batch_size = std::size_t{1} << 20U;

/// Where a batch will stand.
struct batch_position {
  std::uint64_t at = 0;      ///< its offset in the file
  std::uint64_t number = 0;  ///< one more than the batch's or seal's before it, from 1
  std::uint64_t synced = 0;  ///< the highest offset known to be on disk; at most `at`
  std::uint64_t file = 0;    ///< see marker
};

/// Leaves room for the marker at the end of out; returns where it begins in out.
std::size_t begin_batch(std::string& out);

/// Fills in the marker of the batch that begins at out[begin] and ends where out ends.
void finish_batch(std::string& out, std::size_t begin, const batch_position& position) noexcept;

/// Appends a seal: a marker without commands, which vouches for what lies before `synced`.
void append_seal(std::string& out, const batch_position& position);

}  // namespace buntdb::log
