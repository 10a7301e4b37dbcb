#include "storage/log_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <buntdb/error.hpp>

#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/marker.hpp"
#include "storage/dump.hpp"
#include "storage/replacement_file.hpp"

namespace buntdb::engine {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

log_file::log_file(io::file_system& files, std::unique_ptr<io::file> file,
                   const log::inspection& inspected)
    : files_(files),
      file_(std::move(file)),
      identity_(file_->status()),
      folder_(files_.status(folder_of(file_->path()))),
      inspected_(inspected),
      end_(inspected.good_end),
      writer_(*file_,
              log::batch_framer(inspected.good_end, inspected.next_number,
                                inspected.file_id ? *inspected.file_id : log::new_file_id())) {}

void log_file::prepare(const version& base) {
  if (prepared_) return;
  if (inspected_.has_relative_expiries) return rewrite(base);
  cut_nul_tail();
  if (!inspected_.has_markers) append_first_seal();
  prepared_ = true;
}

void log_file::rewrite(const version& base) {
  bool is_replaceable = true;
  try {
    check_replaceable();
  } catch (const error&) {  // it was reported when the file was opened
    is_replaceable = false;
  }
  is_replaceable ? replace_by(base) : append_all(base);
  prepared_ = true;
}

void log_file::cut_nul_tail() {
  broken_ = true;  // until the cut and its sync succeed: a failed sync is never tried again
  log::cut_nul_tail(*file_, inspected_);
  broken_ = false;
  inspected_.size -= std::exchange(inspected_.nul_tail, 0);  // correct even if a later step fails
}

/// Appends everything in one batch, so that it counts as a whole or not at all. The file's relative
/// expiries count from its time of modification, so that time is restored whenever the batch is not
/// in the file. A power cut in between may lengthen these expiries by the time that has passed.
void log_file::append_all(const version& base) {
  cut_nul_tail();
  if (!inspected_.has_markers) {
    append_first_seal();
    file_->set_modified(inspected_.modified);
  }
  std::string batch;
  log::begin_batch(batch);
  log::append_flushdb(batch);
  append_dump(base, batch);
  try {
    append(batch, end());
  } catch (...) {
    file_->set_modified(inspected_.modified);
    throw;
  }
  broken_ = true;  // until the sync succeeds
  sync();
  broken_ = false;
}

/// Writes a seal that vouches for what another program wrote, before anything of this library is in
/// the file. So whatever a power cut leaves of the first batch is recognized and cut off.
void log_file::append_first_seal() {
  append_seal(end());
  broken_ = true;  // until the sync succeeds
  sync();
  broken_ = false;
  inspected_.has_markers = true;  // correct even if a later step fails
  inspected_.size = file_size();
}

/// Compacts while all other threads wait: what another program wrote is small, and this happens
/// only once.
void log_file::replace_by(const version& base) {
  const compaction::cancellation_check nothing = [] {};
  compaction fresh(files_, *file_, file_size(), nothing);
  fresh.write_dump(base);
  fresh.sync();
  fresh.seal();
  fresh.sync();
  replace(fresh);
  broken_ = true;  // until the new name is on disk
  sync();
  broken_ = false;
}

/// Removes what a failed append left in the file.
void log_file::cut_back() {
  broken_ = true;  // until all of this succeeds
  file_->truncate(file_size());
  cut_is_unsynced_ = true;
  broken_ = false;
}

void log_file::append(std::string& batch, std::uint64_t synced) {
  if (broken_)
    throw error(errc::writes_stopped, path() + " takes no more after an earlier failure");
  if (cut_is_unsynced_) {
    broken_ = true;
    sync_file();  // otherwise the failed bytes could reappear after the new ones
    broken_ = false;
    cut_is_unsynced_ = false;
  }
  writer_.raise_synced(offset_of_synced(synced));
  try {
    writer_.append(batch);
  } catch (...) {
    try {
      cut_back();
    } catch (const error&) {  // broken() reports it
    }
    throw;
  }
  end_.store(end() + batch.size(), std::memory_order_release);
  unsealed_ = true;
}

/// Converts a position to an offset in the file. What was synced before a compaction has no offset
/// in the new file: 0. The writer knows what the compaction synced.
std::uint64_t log_file::offset_of_synced(std::uint64_t position) const noexcept {
  const std::uint64_t unsynced = end() - position;
  const std::uint64_t size = file_size();
  return unsynced > size ? 0 : size - unsynced;
}

void log_file::append_seal(std::uint64_t synced) {
  std::string seal;
  log::begin_batch(seal);
  append(seal, synced);
  unsealed_ = false;
}

void log_file::sync_file() {
  const std::lock_guard lock(sync_mutex_);
  if (sync_failed_) throw error(errc::writes_stopped, path() + ": an earlier sync has failed");
  sync_failed_ = true;
  file_->sync();
  sync_failed_ = false;
}

void log_file::sync() {
  const std::uint64_t size = file_size();  // other threads append meanwhile
  sync_file();
  if (name_is_unsynced_) {
    sync_name(files_, file_->path());
    name_is_unsynced_ = false;
  }
  try {
    check_name(size);
  } catch (const error& failure) {
    // If the system does not permit this check, that says nothing about the file, which has been
    // synced.
    if (failure.code() == errc::file_lost) throw;
  }
}

namespace {

constexpr const char* advice =
    ". Reads still work, of what is in memory: copy what is needed before closing";

[[noreturn]] void fail_cut(const std::string& path, std::uint64_t size, std::uint64_t expected) {
  throw error(errc::file_lost,
              path + " was cut by another program, to " + std::to_string(size) + " of " +
                  std::to_string(expected) + " bytes, while the database had it open" + advice +
                  "; then see what `buntdb check` says, and `buntdb repair`, or restore a "
                  "backup");
}

}  // namespace

bool log_file::is_folder_changed() const {
  if (!folder_) return false;
  const std::optional<io::file_status> named = files_.status(folder_of(path()));
  return !named || named->device != folder_->device || named->inode != folder_->inode;
}

void log_file::check_name(std::uint64_t size_at_least) const {
  const std::optional<io::file_status> named = files_.status(path());
  const bool is_ours =
      named && named->device == identity_.device && named->inode == identity_.inode;
  if (!is_ours && is_folder_changed()) {
    throw error(errc::file_lost, "the folder of " + path() +
                                     " was renamed, removed or replaced while the database had the "
                                     "file open" +
                                     advice +
                                     "; the next open looks in the folder that has this "
                                     "name then, so put the right one back first");
  }
  if (!named || (is_ours && file_->removed())) {
    throw error(errc::file_lost, path() + " was removed while the database had it open" + advice +
                                     "; the next open begins with an empty file, so restore a "
                                     "backup first");
  }
  if (!is_ours) {
    throw error(errc::file_lost, path() +
                                     " was replaced by another file while the database had it "
                                     "open" +
                                     advice + "; the next open takes the file that is there now");
  }
  if (named->size < size_at_least) fail_cut(path(), named->size, size_at_least);
}

void log_file::check_content() {
  constexpr std::uint64_t sample = 64;
  const auto read = [this](std::uint64_t end, std::uint64_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    bytes.resize(file_->read_at(end - size, bytes));
    return bytes;
  };
  const std::uint64_t end = file_size();
  std::string now = read(end, std::min(end, sample));
  // Everything that this library writes, and everything that an open accepts, ends with a line end.
  const bool is_whole = end == 0 || now.ends_with("\r\n");
  if (!is_whole || read(last_bytes_end_, last_bytes_.size()) != last_bytes_) {
    throw error(errc::file_lost,
                path() +
                    " was cut or overwritten by another program while the database had it "
                    "open" +
                    advice +
                    "; then see what `buntdb check` says, and `buntdb repair`, or restore a "
                    "backup");
  }
  last_bytes_ = std::move(now);
  last_bytes_end_ = end;
}

void log_file::check_size() const {
  if (broken_) return;  // this was reported
  const std::uint64_t expected = prepared_ ? file_size() : inspected_.size;
  const std::uint64_t size = file_->status().size;
  if (size < expected) fail_cut(path(), size, expected);
  if (size > expected) {
    throw error(errc::file_lost,
                "another program has written to " + path() + ", which now has " +
                    std::to_string(size) + " bytes instead of " + std::to_string(expected) +
                    ". Find out which, and let it stop; then open the database again, which takes "
                    "what was written if it is whole");
  }
}

compaction log_file::compact_from(std::uint64_t position,
                                  const compaction::cancellation_check& called_between) {
  return {files_, *file_, source_offset(position), called_between};
}

std::unique_ptr<io::file> log_file::replace(compaction& finished) {
  const io::file_status identity = finished.status();
  std::unique_ptr<io::file> old = std::exchange(file_, finished.install());
  identity_ = identity;
  last_bytes_.clear();  // they were those of the old file
  writer_ = log::writer(*file_, finished.framer());
  shift_.store(end() - finished.framer().end());
  name_is_unsynced_ = true;
  unsealed_ = true;
  cut_is_unsynced_ = false;
  return old;
}

}  // namespace buntdb::engine
