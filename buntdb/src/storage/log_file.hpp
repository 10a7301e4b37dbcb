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

/// The file to which batches are appended.
///
/// Positions are those of a log that never shrinks: when a compaction replaces the file, positions
/// stay the same, and only their distance from the offsets in the file changes.
///
///  1. Everything before end() is whole batches.
///  2. What a failed append left after end() is cut off, and the cut is synced, before the next
///     append. If either fails, the file accepts no more writes.
///  3. When sync() has returned, the file's name is on disk, too.
///  4. After a failed sync no other is attempted: the system reports an error once, and the next
///     sync, even a concurrent one, would report success.
///
/// The functions are for the holder of the writer's lock, except sync(), end(), file_size(),
/// check_name() and source_offset(). sync() must not run concurrently with replace() or prepare().
class log_file {
 public:
  /// Takes over a file that is locked and was inspected, and cut if necessary.
  log_file(io::file_system& files, std::unique_ptr<io::file> file,
           const log::inspection& inspected);

  /// Returns the position at which the next batch will begin.
  std::uint64_t end() const noexcept { return end_.load(std::memory_order_acquire); }

  /// Returns end() as an offset in the file.
  std::uint64_t file_size() const noexcept { return end() - shift_.load(); }

  /// Returns whether there are batches after the last seal.
  bool unsealed() const noexcept { return unsealed_; }

  /// Prepares the file for the first append. In a file that another program wrote, NUL bytes at the
  /// end are cut off. A file with relative expiries is rewritten from the version, because an
  /// append would change the time from which they count. A file without any marker gets a seal.
  /// Syncs. Throws buntdb::error.
  void prepare(const version& base);
  bool prepared() const noexcept { return prepared_; }

  /// Rewrites the file from the version, as prepare() does if necessary. If no other file can
  /// replace it, appends one batch that clears and sets everything. Syncs. Throws buntdb::error.
  void rewrite(const version& base);

  /// See io::file_system::check_replaceable(). Must not run concurrently with replace().
  void check_replaceable() const { files_.check_replaceable(path()); }

  /// Returns whether an append is a single write. It is not before prepare(), nor after a failed
  /// append, whose cut must first be synced.
  bool appends_at_once() const noexcept { return prepared_ && !cut_is_unsynced_; }

  /// Writes a batch: commands that follow log::begin_batch() in an otherwise empty buffer. `synced`
  /// is the highest position that is known to be on disk. Throws buntdb::error; then nothing of the
  /// batch is in the file, or the file accepts no more writes (see broken()).
  void append(std::string& batch, std::uint64_t synced);

  /// Writes a seal, which vouches for everything before `synced`.
  void append_seal(std::uint64_t synced);

  /// Returns whether the file accepts no more writes because a failure could not be undone.
  bool broken() const noexcept { return broken_; }

  /// Syncs. When it returns, everything that was written before the call is on disk, under the
  /// file's name. Throws buntdb::error, and errc::file_lost as check_name() does.
  void sync();

  /// Throws buntdb::error if the system reports only now, just before the file is closed, that
  /// something could not be written. Call it after everything was synced.
  void finish() { file_->flush(); }

  /// Throws errc::file_lost if another program has removed or replaced the file, or cut it so that
  /// it has fewer bytes than `size_at_least`. Throws another buntdb::error if the system does not
  /// say. Must not run concurrently with replace() or prepare().
  void check_name(std::uint64_t size_at_least) const;

  /// Throws errc::file_lost if the bytes that were at the end of the file at the last call have
  /// changed: the file was cut and then filled up again by a write. Must not run concurrently with
  /// replace(), prepare() or itself.
  void check_content();

  /// Throws errc::file_lost if the file does not have the expected size. Only for the holder of the
  /// writer's lock.
  void check_size() const;

  /// Begins a compaction at a position where a version's batch ends. The log must be prepared and
  /// must outlive the compaction. Only one may be under way.
  compaction compact_from(std::uint64_t position,
                          const compaction::cancellation_check& called_between);

  /// Converts a position to the offset that compaction::copy_batches() needs.
  std::uint64_t source_offset(std::uint64_t position) const noexcept {
    return position - shift_.load();
  }
  std::uint64_t position_of(std::uint64_t offset) const noexcept { return offset + shift_.load(); }

  /// Replaces the file by the compaction's file, which must be a complete copy. Returns the old
  /// file; close it when no thread waits. If it throws, the old file is still in use.
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
  io::file_status identity_;  // device and inode of file_
  // Device and inode of its folder, if the system provides them.
  std::optional<io::file_status> folder_;
  std::string last_bytes_;            // as seen by the last check_content()
  std::uint64_t last_bytes_end_ = 0;  // an offset
  std::mutex sync_mutex_;             // an append may have to sync concurrently with the pipeline
  bool sync_failed_ = false;          // guarded by sync_mutex_
  log::inspection inspected_;
  std::atomic<std::uint64_t> end_;       // a position
  std::atomic<std::uint64_t> shift_{0};  // position minus offset, modulo 2^64
  log::writer writer_;                   // to file_; its end is the file's end
  bool prepared_ = false;
  bool unsealed_ = false;
  bool cut_is_unsynced_ = false;
  bool name_is_unsynced_ = false;
  bool broken_ = false;
};

}  // namespace buntdb::engine
