#include "engine/compactor.hpp"

#include <limits>
#include <utility>

#include <buntdb/error.hpp>

#include "storage/compaction.hpp"

namespace buntdb::engine {

namespace {

constexpr std::chrono::seconds pause_after_failure{30};
/// If no more than this is left to copy, writers are stopped for the rest.
constexpr std::uint64_t short_tail = std::uint64_t{64} << 10U;  // bytes
constexpr int max_catch_up_rounds = 16;
constexpr int attempts_without_waiting = 4;
/// This much can be written and synced within a tenth of a second.
constexpr std::uint64_t brief_live_bytes = std::uint64_t{4} << 20U;

/// Returns whether the system refused to rename a file over another for a reason that will not go
/// away.
bool is_refusal(const std::error_code& code) {
  return code == std::errc::device_or_resource_busy || code == std::errc::operation_not_permitted ||
         code == std::errc::cross_device_link || code == std::errc::read_only_file_system;
}

}  // namespace

void compactor::start_thread(std::chrono::milliseconds pause) {
  thread_.emplace([this] { compact_if_due(); }, pause);
}

void compactor::stop_thread() {
  if (thread_) thread_->stop();
}

std::optional<time_point> compactor::last() const noexcept {
  const std::int64_t last = last_.load();
  if (last == 0) return std::nullopt;
  return time_point(std::chrono::nanoseconds(last));
}

void compactor::compact() {
  core_.check_writable();
  if (core_.writer().held_by_this_thread()) {
    throw error(errc::nested_transaction, "compact() would wait for this thread's own transaction");
  }
  const mutex_lock lock(one_at_a_time_);
  core_.check_writable();
  if (core_.log() == nullptr) return;
  try {
    replace_file();
  } catch (...) {
    if (!gives_up_) ++failures_;
    throw;
  }
}

void compactor::replace_file() {
  const core::file_writer writes_a_file(core_);
  // The old file is closed, and its space freed, after all locks have been released.
  const std::unique_ptr<io::file> old = write();
  try {
    core_.pipeline().sync_anew();  // makes the new name durable
  } catch (const error& failure) {
    throw error(errc::name_not_durable,
                "the compacted file is in place, but may not be on the disk under its name: " +
                    std::string(failure.what()));
  }
  is_refused_ = false;
  can_replace_ = true;
  ++count_;
  last_ = clock::system().now().time_since_epoch().count();
}

/// Writes the new file and puts it in place. Returns the old file.
std::unique_ptr<io::file> compactor::write() {
  log_file& log = *core_.log();
  {
    const writer_guard guard(core_.writer(), "this thread is writing");
    try {
      core_.pipeline().throw_if_failed();
      core_.prepare_file();
    } catch (const std::exception& failure) {
      core_.stop_writing_if_broken(failure);
      throw;
    }
  }
  const compaction::cancellation_check goes_on = [this] {
    if (gives_up_) throw error(errc::closed, "the database was closed during a compaction");
    core_.pipeline().throw_if_failed();
  };
  const pinned_version base = core_.pin();
  compaction work = log.compact_from(base.version->file_end, goes_on);
  work.write_dump(*base.version);
  work.copy_batches(log.source_offset(log.end()));
  work.sync();
  work.seal();
  // Copies what was written meanwhile, until so little is left that writers need not wait long for
  // the rest. Each round is shorter than the one before it.
  for (int round = 0; round < max_catch_up_rounds; ++round) {
    const std::uint64_t end = log.source_offset(log.end());
    if (end - work.source_position() < short_tail) break;
    work.copy_batches(end);
  }
  std::unique_ptr<io::file> old;
  for (int attempt = 0;; ++attempt) {
    work.copy_batches(log.source_offset(log.end()));
    work.sync();
    const auto otherwise = attempt < attempts_without_waiting ? commit_pipeline::if_syncing::give_up
                                                              : commit_pipeline::if_syncing::wait;
    if (install(work, otherwise, old)) return old;
  }
}

/// Stops writers, copies the rest and exchanges the files. What was durable must first be durable
/// in the new file. If that needs another sync, returns false, unless `otherwise` says that it may
/// wait.
bool compactor::install(compaction& work, commit_pipeline::if_syncing otherwise,
                        std::unique_ptr<io::file>& old) {
  log_file& log = *core_.log();
  const writer_guard guard(core_.writer(), "this thread is writing");
  return core_.pipeline().exchange_file(otherwise, [&](std::uint64_t durable_end) {
    work.copy_batches(log.source_offset(log.end()));
    if (durable_end > log.position_of(work.synced_source_position())) {
      if (otherwise == commit_pipeline::if_syncing::give_up) return false;
      work.sync();
    }
    old = log.replace(work);
    return true;
  });
}

bool compactor::is_due(std::uint64_t file_bytes, std::uint64_t live_bytes) const {
  const compaction_policy policy = core_.settings().compaction();
  return policy.automatic && file_bytes >= policy.at_least_bytes &&
         static_cast<double>(file_bytes) >= policy.growth * static_cast<double>(live_bytes);
}

/// Returns whether a compaction is due and none is under way. The lock keeps close() from closing
/// the file meanwhile.
bool compactor::should_compact(std::uint64_t live_bytes) {
  if (!one_at_a_time_.try_lock()) return false;
  const bool should = !core_.closed() && core_.log() != nullptr && !core_.pipeline().failed() &&
                      is_due(core_.log()->file_size(), live_bytes) && can_replace();
  one_at_a_time_.unlock();
  return should;
}

/// Returns whether another file can replace this one, as far as is known. It is called before
/// anything is written. It reports no event, because the open has already reported one.
bool compactor::can_replace() {
  bool can = !is_refused_;
  try {
    core_.log()->check_replaceable();
  } catch (const std::exception&) {
    can = false;
  }
  can_replace_ = can;
  return can;
}

void compactor::compact_if_due() {
  compact_if_due(std::numeric_limits<std::uint64_t>::max());
}

void compactor::compact_if_due_and_brief() {
  compact_if_due(brief_live_bytes);
}

void compactor::compact_if_due(std::uint64_t max_live_bytes) {
  if (std::chrono::steady_clock::now() < not_before_.load()) return;
  try {
    const std::uint64_t live = core_.pin().version->live_bytes;
    if (live > max_live_bytes || !should_compact(live)) return;
    compact();
  } catch (const std::exception& failure) {
    if (gives_up_ || core_.closed()) return;
    not_before_ = std::chrono::steady_clock::now() + pause_after_failure;
    const auto* known = dynamic_cast<const std::system_error*>(&failure);
    if (known != nullptr && is_refusal(known->code())) {
      is_refused_ = true;
      can_replace_ = false;
    }
    core_.events().report(event_kind::compaction_failed,
                          known != nullptr ? known->code() : std::error_code(), failure.what());
  }
}

}  // namespace buntdb::engine
