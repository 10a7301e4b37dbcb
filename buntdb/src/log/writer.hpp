#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/file_system.hpp"
#include "log/batch_framer.hpp"

namespace buntdb::log {

/// Writes marked batches to the end of a file. Either each is written at once (append()), or they
/// gather in buffer() until flush(). For one thread at a time. Throws buntdb::error where the file
/// does.
class writer {
 public:
  /// The file must outlive the writer, and end where the framer says.
  writer(io::file& file, const batch_framer& framer) noexcept
      : file_(&file), framer_(framer), written_(framer.end()) {}

  const batch_framer& framer() const noexcept { return framer_; }

  /// Up to where the file is written.
  std::uint64_t written() const noexcept { return written_; }

  /// Before the next batch: what is on disk. sync() sees to it by itself.
  void raise_synced(std::uint64_t offset) noexcept { framer_.raise_synced(offset); }

  /// Writes a batch that is all of `batch`, from begin_batch() on. The buffer must be empty. If it
  /// throws, the batch does not count, but part of it may be in the file after written().
  void append(std::string& batch);

  /// What belongs at written() and is not written yet, and then the batch that is being made.
  std::string& buffer() noexcept { return buffer_; }

  /// Completes the batch that begins at buffer()[begin] and ends where the buffer ends.
  void finish(std::size_t begin) noexcept { framer_.finish(buffer_, begin); }

  /// Appends to the buffer the marker of a batch whose commands the caller appends next.
  void copy_marker(const marker& original) { framer_.append_marker(buffer_, original); }

  /// Appends to the buffer a seal, which vouches for what was synced.
  void seal() { framer_.append_seal(buffer_); }

  /// Writes out the buffer. After a failure only the file may be used, to remove it.
  void flush();

  /// Writes out the buffer and puts everything on disk.
  void sync();

 private:
  io::file* file_;
  batch_framer framer_;
  std::uint64_t written_;
  std::string buffer_;
};

}  // namespace buntdb::log
