#include "engine/maintenance.hpp"

#include <optional>

#include <buntdb/error.hpp>

namespace buntdb::engine {

namespace {

constexpr std::chrono::seconds sync_interval{1};

}  // namespace

void maintenance::start_thread(std::chrono::milliseconds pause) {
  thread_.emplace([this] { run(); }, pause);
}

void maintenance::stop_thread() {
  stopping_ = true;
  if (thread_) thread_->stop();
}

void maintenance::run() noexcept {
  syncing_.run([this] { sync_if_due(); });
  checking_.run([this] { check_file(); });
  reclaiming_.run([this] { reclaim_all(); });
  if (!stopping_) converter_.step();
}

void maintenance::reclaim_all() {
  while (core_.reclaim()) {
  }
}

void maintenance::sync_if_due() {
  if (core_.log() == nullptr || core_.pipeline().failed()) return;
  // Also under sync_policy::never: earlier commits may have been promised a sync.
  if (core_.pipeline().unsynced_for(sync_interval)) core_.pipeline().sync();
  if (core_.settings().sync() == sync_policy::every_second) seal_if_idle();
}

/// Writes a seal, which vouches for what is on disk, if nothing was written since the sync.
void maintenance::seal_if_idle() {
  if (!core_.writer().try_acquire_until(std::chrono::steady_clock::now())) return;
  const writer_guard guard(core_.writer(), std::adopt_lock);
  const commit_pipeline& pipeline = core_.pipeline();
  log_file& log = *core_.log();
  if (pipeline.failed() || !log.unsealed() || pipeline.durable_end() != log.end()) return;
  try {
    log.append_seal(pipeline.durable_end());
  } catch (const std::exception& failure) {
    core_.stop_writing_if_broken(failure);
    throw;
  }
}

/// Checks the file. What another program appended can be detected only while no thread of this
/// process writes.
void maintenance::check_file() {
  if (core_.log() == nullptr || core_.pipeline().failed()) return;
  log_file& log = *core_.log();
  std::optional<error> lost;
  const auto look = [&](bool nobody_writes) {
    try {
      core_.pipeline().exchange_file(commit_pipeline::if_syncing::give_up, [&](std::uint64_t) {
        log.check_name(log.file_size());
        log.check_content();
        if (nobody_writes) log.check_size();
        return true;
      });
    } catch (const error& failure) {
      lost = failure;
      if (failure.code() == errc::file_lost) core_.pipeline().fail(failure);
    }
  };
  if (core_.writer().try_acquire_until(std::chrono::steady_clock::now())) {
    const writer_guard guard(core_.writer(), std::adopt_lock);
    look(true);
  } else {
    look(false);
  }
  if (!lost) return;
  if (lost->code() != errc::file_lost) throw error(*lost);  // the system could not tell
  core_.events().report(event_kind::file_lost, lost->code(), lost->what());
}

}  // namespace buntdb::engine
