#include <utility>

#include <buntdb/error.hpp>

#include "engine/compaction.hpp"
#include "engine/core.hpp"

// The part of the engine that writes the file anew: what compaction.hpp does, beside readers and
// writers who go on.

namespace buntdb::engine {

namespace {

constexpr std::chrono::seconds pause_after_failure{30};
/// When so little is left to copy, writers are stopped for the rest.
constexpr std::uint64_t short_tail = std::uint64_t{64} << 10U;
constexpr int max_catch_up_rounds = 16;
constexpr int attempts_without_waiting = 4;

}  // namespace

void core::compact() {
  check_writable();
  if (writer_.held_by_this_thread()) {
    throw error(errc::nested_transaction, "shrink() would wait for this thread's own transaction");
  }
  const std::lock_guard one_at_a_time(compaction_mutex_);
  check_writable();
  if (log_ == nullptr) return;
  const counted another_file(other_files_);
  // The old file is closed, and so freed, when nobody waits any more.
  const std::unique_ptr<io::file> old = write_compacted();
  pipeline_->sync_anew();  // the new name
  ++compactions_;
  last_compaction_ = clock::system().now().time_since_epoch().count();
}

/// Writes the new file and puts it in place; gives the old one.
std::unique_ptr<io::file> core::write_compacted() {
  if (!writer_.acquire()) throw error(errc::nested_transaction, "this thread is writing");
  try {
    pipeline_->throw_if_failed();
    prepare_file();
  } catch (const std::exception& failure) {
    const auto* known = dynamic_cast<const error*>(&failure);
    if (log_->broken()) {
      pipeline_->fail(known != nullptr ? *known : error(errc::failed, failure.what()));
    }
    writer_.release();
    throw;
  }
  writer_.release();

  const compaction::checkpoint goes_on = [this] {
    if (closing_) throw error(errc::closed, "the database was closed during a compaction");
    pipeline_->throw_if_failed();
  };
  const held_version base = hold();
  compaction work = log_->compact_from(base.get().file_end, goes_on);
  work.write_image(base.get());
  work.copy_batches(log_->source_offset(log_->end()));
  work.sync();
  work.seal();
  // What was written meanwhile, until so little is left that writers need not wait long for the
  // rest. Each round is shorter than the one before it.
  for (int round = 0; round < max_catch_up_rounds; ++round) {
    const std::uint64_t end = log_->source_offset(log_->end());
    if (end - work.source_position() < short_tail) break;
    work.copy_batches(end);
  }
  std::unique_ptr<io::file> old;
  for (int attempt = 0;; ++attempt) {
    work.copy_batches(log_->source_offset(log_->end()));
    work.sync();
    if (install_compacted(work,
                          attempt < attempts_without_waiting ? commit_pipeline::if_syncing::give_up
                                                             : commit_pipeline::if_syncing::wait,
                          old)) {
      return old;
    }
  }
}

/// With writers stopped, copies the rest and changes the files. What was durable must be durable in
/// the new file first: if that needs another sync, gives up, unless it is time to wait.
bool core::install_compacted(compaction& work, commit_pipeline::if_syncing otherwise,
                             std::unique_ptr<io::file>& old) {
  if (!writer_.acquire()) throw error(errc::nested_transaction, "this thread is writing");
  try {
    const bool installed = pipeline_->exchange_file(otherwise, [&](std::uint64_t durable_end) {
      work.copy_batches(log_->source_offset(log_->end()));
      if (durable_end > log_->position_of(work.synced_source_position())) {
        if (otherwise == commit_pipeline::if_syncing::give_up) return false;
        work.sync();
      }
      old = log_->replace(work);
      return true;
    });
    writer_.release();
    return installed;
  } catch (...) {
    writer_.release();
    throw;
  }
}

void core::compact_if_due() {
  const compaction_policy policy = settings_.get().compaction;
  if (!policy.automatic || pipeline_->failed()) return;
  if (std::chrono::steady_clock::now() < no_compaction_before_) return;
  const std::uint64_t size = log_->file_size();
  if (size < policy.at_least_bytes) return;
  try {
    const std::uint64_t live = hold().get().live_bytes;
    if (static_cast<double>(size) < policy.growth * static_cast<double>(live)) return;
    compact();
  } catch (const std::exception& failure) {
    if (closing_) return;
    no_compaction_before_ = std::chrono::steady_clock::now() + pause_after_failure;
    const auto* known = dynamic_cast<const std::system_error*>(&failure);
    reporter_.report(event::kind::compaction_failed,
                     known != nullptr ? known->code() : std::error_code(), failure.what());
  }
}

}  // namespace buntdb::engine
