#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "io/file_system.hpp"
#include "log/window.hpp"
#include "log/writer.hpp"
#include "storage/replacement_file.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Rewrites the file: one version in key order, and then what was appended to the old file since.
/// Then replaces the old file by the new one. The old file is only read; until install(), a failure
/// or a crash leaves it unchanged.
///
/// In addition to the version, only unwritten data is in memory: up to two MiB, or one MiB and the
/// longest value, in a buffer that grows by doubling.
///
/// Every function throws buntdb::error, and what the cancellation check throws.
class compaction {
 public:
  /// A function that is called about once per MiB. It may throw to cancel the compaction.
  using cancellation_check = std::function<void()>;

  /// `source` contains the version `base` up to `source_position`, and only marked batches after
  /// that. Both files and the check must outlive the compaction.
  compaction(io::file_system& files, const io::file& source, std::uint64_t source_position,
             const cancellation_check& called_between);

  /// Writes every item of the version, in marked batches of about one MiB.
  void write_dump(const version& base);

  /// Copies the batches that were appended to the source since, up to source_end, which must be the
  /// end of a batch.
  void copy_batches(std::uint64_t source_end);

  /// Syncs what has been written so far.
  void sync();

  /// Writes a marker that vouches for what has been synced.
  void seal();

  /// Returns the status of the new file.
  io::file_status status() const { return file_.get().status(); }

  /// Renames the new file over the old one; see replacement_file::install().
  std::unique_ptr<io::file> install();

  /// Returns how far the source has been copied, and how far that copy is on disk.
  std::uint64_t source_position() const noexcept { return source_position_; }
  std::uint64_t synced_source_position() const noexcept { return synced_source_position_; }

  /// Returns the end of the new file, where later writes continue.
  const log::batch_framer& framer() const noexcept { return writer_.framer(); }

 private:
  void copy_batch(log::window& source);
  void flush_if_large();
  void flush();

  replacement_file file_;
  const io::file& source_;
  const cancellation_check& check_cancelled_;
  std::uint64_t source_position_;
  std::uint64_t synced_source_position_ = 0;
  log::writer writer_;
};

}  // namespace buntdb::engine
