#include "engine/log_file.hpp"

#include <utility>

#include <buntdb/error.hpp>

#include "engine/image_writer.hpp"
#include "io/write_all.hpp"
#include "log/batch.hpp"

namespace buntdb::engine {

log_file::log_file(io::file_system& files, std::unique_ptr<io::file> file,
                   const log::inspection& inspected)
    : files_(files),
      file_(std::move(file)),
      inspected_(inspected),
      end_(inspected.good_end),
      next_number_(inspected.next_number) {}

void log_file::prepare(const version& base) {
  if (prepared_) return;
  if (inspected_.has_relative_expiries) {
    rewrite(base);
  } else {
    log::cut_nul_tail(*file_, inspected_);
    if (!inspected_.has_markers) append_first_seal();
  }
  prepared_ = true;
}

/// Vouches for what the file holds before anything of ours is in it, so that whatever a power cut
/// leaves of the first batch is known for what it is, and cut.
void log_file::append_first_seal() {
  append_seal(end());
  broken_ = true;  // unless the sync succeeds
  file_->sync();
  broken_ = false;
}

/// Replaces the file by a new one that holds exactly the version. The old one stays as it is until
/// the new one is on disk.
void log_file::rewrite(const version& base) {
  replacement_file fresh(files_, *file_);
  image_writer writer(fresh.get());
  writer.write(base);
  fresh.get().sync();
  writer.seal();
  fresh.get().sync();
  file_ = fresh.install();
  end_ = writer.end();
  next_number_ = writer.next_number();
  broken_ = true;  // until the new name is on disk
  files_.sync_folder_of(file_->path());
  broken_ = false;
}

/// Removes what a failed append left.
void log_file::cut_back() {
  broken_ = true;  // unless all of this succeeds
  file_->truncate(end());
  cut_is_unsynced_ = true;
  broken_ = false;
}

void log_file::append(std::string& batch, std::uint64_t synced) {
  if (cut_is_unsynced_) {
    broken_ = true;
    file_->sync();  // or the failed bytes could come back behind the new ones
    broken_ = false;
    cut_is_unsynced_ = false;
  }
  log::finish_batch(batch, 0, {.at = end(), .number = next_number_, .synced = synced});
  try {
    io::write_all(*file_, end(), batch);
  } catch (...) {
    try {
      cut_back();
    } catch (const error&) {  // broken() says so
    }
    throw;
  }
  end_.store(end() + batch.size(), std::memory_order_relaxed);
  ++next_number_;
  unsealed_ = true;
}

void log_file::append_seal(std::uint64_t synced) {
  std::string seal;
  log::begin_batch(seal);
  append(seal, synced);
  unsealed_ = false;
}

void log_file::sync() {
  file_->sync();
}

}  // namespace buntdb::engine
