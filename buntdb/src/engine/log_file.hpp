#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "io/file_system.hpp"
#include "log/recovery.hpp"

namespace buntdb::engine {

struct version;

/// The end of the file, where batches are appended.
///
///  1. Everything before end() is whole batches.
///  2. What a failed append left behind end() is cut off, and the cut synced, before the next one;
///     if either fails, the file takes no more.
///
/// append() and its like are for the holder of the writer's lock; sync() may run beside them.
class log_file {
 public:
  /// Takes over a file that is locked and was inspected (and cut, if it had to be).
  log_file(io::file_system& files, std::unique_ptr<io::file> file,
           const log::inspection& inspected);

  /// Where the next batch will begin.
  std::uint64_t end() const noexcept { return end_.load(std::memory_order_relaxed); }

  /// Whether there is something to vouch for: batches after the last seal.
  bool unsealed() const noexcept { return unsealed_; }

  /// What must have happened before the first append, for a file that another program wrote: NUL
  /// bytes at its end are cut off, and a file with relative expiries is rewritten from the version
  /// (an append would move the time from which they count); one without any marker gets a seal.
  /// Syncs. Throws buntdb::error.
  void prepare(const version& base);
  bool prepared() const noexcept { return prepared_; }

  /// Writes a batch: commands that begin behind log::begin_batch() in an otherwise empty buffer.
  /// synced is the highest offset known to be on disk. If it throws buntdb::error, nothing of the
  /// batch is in the file, or the file takes no more: see broken().
  void append(std::string& batch, std::uint64_t synced);

  /// Writes a seal that vouches for everything before synced.
  void append_seal(std::uint64_t synced);

  /// Whether appending is over because the file could not be brought back into order.
  bool broken() const noexcept { return broken_; }

  /// What was written before the call is on disk when it returns. Throws buntdb::error.
  void sync();

  const std::string& path() const noexcept { return file_->path(); }

 private:
  void cut_back();
  void rewrite(const version& base);
  void append_first_seal();

  io::file_system& files_;
  std::unique_ptr<io::file> file_;
  log::inspection inspected_;
  std::atomic<std::uint64_t> end_;
  std::uint64_t next_number_;
  bool prepared_ = false;
  bool unsealed_ = false;
  bool cut_is_unsynced_ = false;
  bool broken_ = false;
};

}  // namespace buntdb::engine
