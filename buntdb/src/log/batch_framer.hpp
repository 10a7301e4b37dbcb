#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "log/marker.hpp"

namespace buntdb::log {

/// Marks the batches of one file, from its first to its last: knows where the next one begins and
/// what its marker must say. Does no I/O. begin_batch() is where a batch begins.
class batch_framer {
 public:
  /// Of a new file.
  batch_framer() : file_(new_file_id()) {}

  /// Continues at the end of a file, whose markers say that they are of this one.
  batch_framer(std::uint64_t end, std::uint64_t next_number, std::uint64_t file) noexcept
      : end_(end), next_number_(next_number), file_(file) {}

  /// The offset in the file where the next marker belongs.
  std::uint64_t end() const noexcept { return end_; }

  /// The highest offset known to be on disk, which the next marker says.
  std::uint64_t synced() const noexcept { return synced_; }

  void raise_synced(std::uint64_t offset) noexcept { synced_ = std::max(synced_, offset); }

  /// Completes the batch that begins at out[begin] and ends where out ends.
  void finish(std::string& out, std::size_t begin) noexcept;

  /// Appends a marker to out, for commands that the caller appends next: those of the batch that
  /// had this marker in another file.
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
