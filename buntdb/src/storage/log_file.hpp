#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "io/file_system.hpp"
#include "log/recovery.hpp"
#include "log/writer.hpp"
#include "storage/compaction.hpp"

namespace buntdb::engine {

struct version;

/// The end of the file, where batches are appended.
///
/// Positions are those of a log that never shrinks: when a compaction replaces the file, positions
/// stay and only the distance between them and offsets in the file changes.
///
///  1. Everything before end() is whole batches.
///  2. What a failed append left after end() is cut off, and the cut synced, before the next one;
///     if either fails, the file takes no more.
///  3. When sync() has returned, the file's name is on disk too.
///  4. After a failed sync no other is attempted: the system reports an error once, and the next
///     sync, even a concurrent one, would report success.
///
/// Functions are for the holder of the writer's lock, except sync(), end(), file_size(),
/// check_name() and source_offset(). sync() must not run while replace() or prepare() does.
class log_file {
 public:
  /// Takes over a file that is locked and was inspected (and cut, if it had to be).
  log_file(io::file_system& files, std::unique_ptr<io::file> file,
           const log::inspection& inspected);

  /// Where the next batch will begin.
  std::uint64_t end() const noexcept { return end_.load(std::memory_order_acquire); }

  /// The same as an offset in the file.
  std::uint64_t file_size() const noexcept { return end() - shift_.load(); }

  /// Whether there is something to vouch for: batches after the last seal.
  bool unsealed() const noexcept { return unsealed_; }

  /// What must have happened before the first append, for a file that another program wrote: NUL
  /// bytes at its end are cut off, and a file with relative expiries is rewritten from the version
  /// (an append would move the time from which they count); one without any marker gets a seal.
  /// Syncs. Throws buntdb::error.
  void prepare(const version& base);
  bool prepared() const noexcept { return prepared_; }

  /// Writes the file anew from the version instead of preparing it. Where no other file can take
  /// its place, appends one batch that clears and sets everything. Syncs. Throws buntdb::error.
  void rewrite(const version& base);

  /// See io::file_system::check_replaceable(). Not while replace() runs.
  void check_replaceable() const { files_.check_replaceable(path()); }

  /// Whether an append is one write and nothing else: none before prepare(), nor after a failed
  /// append, whose cut has to be synced.
  bool appends_at_once() const noexcept { return prepared_ && !cut_is_unsynced_; }

  /// Writes a batch: commands that begin after log::begin_batch() in an otherwise empty buffer.
  /// synced is the highest position known to be on disk. If it throws buntdb::error, nothing of the
  /// batch is in the file, or the file takes no more: see broken().
  void append(std::string& batch, std::uint64_t synced);

  /// Writes a seal that vouches for everything before synced.
  void append_seal(std::uint64_t synced);

  /// Whether appending is over because the file could not be brought back into order.
  bool broken() const noexcept { return broken_; }

  /// What was written before the call is on disk when it returns, under the file's name. Throws
  /// buntdb::error; errc::file_lost as check_name() does.
  void sync();

  /// Throws buntdb::error if the system says only now, when the file is about to be closed, that
  /// something could not be written. When all of it was synced.
  void finish() { file_->flush(); }

  /// Throws errc::file_lost if another program has removed the file, put another in its place, or
  /// cut it so that it has fewer bytes than it had at the least; otherwise buntdb::error if the
  /// system does not say. Not while replace() or prepare() runs.
  void check_name(std::uint64_t size_at_least) const;

  /// Throws errc::file_lost if what stood at the end of the file at the last call does so no
  /// longer: the file was cut, and a write has filled it up again. Not while replace(), prepare()
  /// or another call of it runs.
  void check_content();

  /// Throws errc::file_lost if the file is not as long as we know it. Only for the holder of the
  /// writer's lock.
  void check_size() const;

  /// A compaction that begins where a version's batch ends; the log must be prepared and outlive
  /// it, and only one may be under way.
  compaction compact_from(std::uint64_t position,
                          const compaction::cancellation_check& called_between);

  /// Where the compaction has to copy to, for compaction::copy_batches().
  std::uint64_t source_offset(std::uint64_t position) const noexcept {
    return position - shift_.load();
  }
  std::uint64_t position_of(std::uint64_t offset) const noexcept { return offset + shift_.load(); }

  /// Puts the compaction's file, which is a complete copy, in the place of the old one. Returns
  /// the old file, to be closed when nobody waits. If it throws, the old file is still in use.
  std::unique_ptr<io::file> replace(compaction& finished);

  const std::string& path() const noexcept { return file_->path(); }

 private:
  std::uint64_t offset_of_synced(std::uint64_t position) const noexcept;
  void sync_file();
  void cut_back();
  void replace_by(const version& base);
  void append_all(const version& base);
  void cut_nul_tail();
  void append_first_seal();
  bool is_folder_changed() const;

  io::file_system& files_;
  std::unique_ptr<io::file> file_;
  io::file_status identity_;               // device and inode of file_
  std::optional<io::file_status> folder_;  // the same of its folder, if the system says
  std::string last_bytes_;                 // that check_content() has seen
  std::uint64_t last_bytes_end_ = 0;       // an offset
  std::mutex sync_mutex_;                  // an append may have to sync while the pipeline does
  bool sync_failed_ = false;               // guarded by it
  log::inspection inspected_;
  std::atomic<std::uint64_t> end_;       // a position
  std::atomic<std::uint64_t> shift_{0};  // position minus offset, modulo 2^64
  log::writer writer_;                   // to file_; ends where that does
  bool prepared_ = false;
  bool unsealed_ = false;
  bool cut_is_unsynced_ = false;
  bool name_is_unsynced_ = false;
  bool broken_ = false;
};

}  // namespace buntdb::engine
