#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/file_system.hpp"
#include "log/batch_framer.hpp"

namespace buntdb::log {

/// Writes marked batches to the end of a file. A batch is either written immediately (append()) or
/// collected in buffer() until flush(). For one thread at a time. Throws buntdb::error when the
/// file does.
class writer {
 public:
  /// The file must outlive the writer and must end where the framer says.
  writer(io::file& file, const batch_framer& framer) noexcept
      : file_(&file), framer_(framer), written_(framer.end()) {}

  const batch_framer& framer() const noexcept { return framer_; }

  /// Returns the end of what has been written.
  std::uint64_t written() const noexcept { return written_; }

  /// Tells the writer how much is on disk, before the next batch. sync() does this itself.
  void raise_synced(std::uint64_t offset) noexcept { framer_.raise_synced(offset); }

  /// Writes a batch that is all of `batch`, beginning with begin_batch(). The buffer must be empty.
  /// If it throws, the batch does not count, but part of it may be in the file after written().
  void append(std::string& batch);

  /// Returns the buffer: what belongs at written() and is not written yet, followed by the batch
  /// that is being made.
  std::string& buffer() noexcept { return buffer_; }

  /// Completes the batch that begins at buffer()[begin] and ends at the end of the buffer.
  void finish(std::size_t begin) noexcept { framer_.finish(buffer_, begin); }

  /// Appends to the buffer the marker of a batch whose commands the caller appends next.
  void copy_marker(const marker& original) { framer_.append_marker(buffer_, original); }

  /// Appends a seal to the buffer. It vouches for what was synced.
  void seal() { framer_.append_seal(buffer_); }

  /// Writes the buffer to the file. After a failure, the file may only be removed.
  void flush();

  /// Writes the buffer to the file and syncs everything.
  void sync();

 private:
  io::file* file_;
  batch_framer framer_;
  std::uint64_t written_;
  std::string buffer_;
};

}  // namespace buntdb::log
