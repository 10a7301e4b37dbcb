#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "log/marker.hpp"

namespace buntdb::log {

/// Makes the markers of all batches of one file: knows where the next batch begins and what its
/// marker must contain. Does no I/O. A batch begins with begin_batch().
class batch_framer {
 public:
  /// For a new file.
  batch_framer() : file_(new_file_id()) {}

  /// Continues at the end of a file whose markers have this file id.
  batch_framer(std::uint64_t end, std::uint64_t next_number, std::uint64_t file) noexcept
      : end_(end), next_number_(next_number), file_(file) {}

  /// Returns the offset in the file at which the next marker belongs.
  std::uint64_t end() const noexcept { return end_; }

  /// Returns the highest offset known to be on disk, which the next marker will contain.
  std::uint64_t synced() const noexcept { return synced_; }

  void raise_synced(std::uint64_t offset) noexcept { synced_ = std::max(synced_, offset); }

  /// Completes the batch that begins at out[begin] and ends at the end of `out`.
  void finish(std::string& out, std::size_t begin) noexcept;

  /// Appends to `out` a marker for commands that the caller appends next. They are those of a batch
  /// that had the marker `original` in another file.
  void append_marker(std::string& out, const marker& original);

  /// Appends a seal.
  void append_seal(std::string& out);

 private:
  std::uint64_t end_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t synced_ = 0;
  std::uint64_t file_;
};

}  // namespace buntdb::log
