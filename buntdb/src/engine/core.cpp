#include "engine/core.hpp"

#include <cassert>
#include <utility>

#include <buntdb/error.hpp>

#include "platform/coarse_clock.hpp"
#include "tree/tree.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

namespace {

/// How many objects a commit frees in addition to those that it retired itself, and how many a step
/// of reclaim() frees while it holds the writer's lock.
constexpr std::uint64_t collect_with_commit = 256;
constexpr std::uint64_t collect_step = 4096;
constexpr std::size_t max_trimmed = 4;  // chunks; each takes about 0.1 ms

}  // namespace

core::core(const options& options)
    : read_only_(options.read_only),
      settings_(initial_settings(options)),
      clock_(options.clock != nullptr ? *options.clock : clock::system()),
      has_system_clock_(&clock_ == &clock::system()),
      reporter_(options.on_event),
      notifier_(reporter_),
      reclaimer_(memory_),
      writing_(memory_) {}

core::~core() {
  if (pipeline_) free_everything();
}

version* core::make_first_version() {
  writer_.assert_held();  // no other thread knows the core yet
  version* const first = reclaimer_.make_version();
  first->number = 1;
  return first;
}

void core::start(std::unique_ptr<log_file> log, version* first) {
  writer_.assert_held();  // no other thread knows the core yet
  log_ = std::move(log);
  head_ = first;
  if (log_ != nullptr) first->file_end = log_->end();
  pipeline_.emplace(first, log_.get(), clock_, reporter_);
  if (log_ != nullptr) appender_.emplace(*log_, *pipeline_);
}

void core::check_open() const {
  if (forked()) {
    throw error(errc::closed,
                "this handle was inherited through fork(): open the database in the "
                "process that uses it");
  }
  if (closed()) throw error(errc::closed, "the database has been closed");
}

void core::check_writable() const {
  check_open();
  if (read_only_) throw error(errc::read_only, "the database was opened read-only");
}

pinned_version core::pin() {
  check_open();
  engine::pin claimed = slots_.claim(pipeline_->epoch());
  const version& current = pipeline_->current();
  reader_slots::narrow_to(*claimed, current.number);
  return {&current, std::move(claimed)};
}

pinned_item core::pin_item(std::string_view key) {
  if (has_system_clock_) {
    pinned_version pinned = pin();
    const item* const found = find<key_order>(pinned.version->keys, key);
    // The time is read after the version was pinned: what is alive now was alive then. But an item
    // that seems to have expired may have been set again before it expired, so the exact path below
    // decides.
    if (found != nullptr && found->expires > platform::coarse_time() + platform::max_coarse_lag) {
      return {found, std::move(pinned.pin)};
    }
    if (found == nullptr) return {};
  }
  // The time is read first: an item that had expired by then counts as expired, whatever is
  // committed before pin().
  const time_point time = now();
  pinned_version pinned = pin();
  const item* const found = find<key_order>(pinned.version->keys, key);
  if (found == nullptr || found->expired(time)) return {};
  return {found, std::move(pinned.pin)};
}

write_state& core::begin() {
  check_writable();
  writer_guard guard(
      writer_,
      "this thread is already writing: a nested update() or begin() would wait for itself");
  return begin_with(guard);
}

write_state* core::try_begin_until(std::chrono::steady_clock::time_point deadline) {
  check_writable();
  if (!writer_.try_acquire_until(deadline)) {
    if (!writer_.held_by_this_thread()) return nullptr;
    throw error(errc::nested_transaction, "this thread is already writing");
  }
  writer_guard guard(writer_, std::adopt_lock);
  return &begin_with(guard);
}

write_state* core::try_begin() {
  check_writable();
  if (commits_block(settings_.sync())) return nullptr;
  if (!writer_.try_acquire_until(std::chrono::steady_clock::time_point{})) return nullptr;
  writer_guard guard(writer_, std::adopt_lock);
  return &begin_with(guard);
}

write_state& core::begin_with(writer_guard& guard) {
  check_open();
  pipeline_->throw_if_failed();
  writing_.begin(reclaimer_.make_version(), *head_, now());
  guard.hand_over();
  return writing_;
}

void core::rollback(write_state& writing) noexcept {
  writer_.assert_held();
  const writer_guard guard(writer_, std::adopt_lock);
  discard(writing);
}

void core::commit(write_state& writing) {
  const commit_outcome result = finish_commit(writing, settings_.sync(), nullptr);
  if (pipeline_->epoch() < result.number) {
    pipeline_->wait_visible(result.number);
  } else if (result.throttled) {
    pipeline_->wait_while_overdue();
  }
}

bool core::try_commit(write_state& writing) {
  // Throws: another thread may have held the pipeline's mutex at the fork.
  if (forked()) check_open();
  const sync_policy policy = settings_.sync();
  if (commits_block(policy)) return false;
  if (log_ != nullptr && !log_->appends_at_once()) return false;
  const commit_pipeline::sync_blocker no_sync(*pipeline_);
  if (!no_sync) return false;
  const commit_outcome result = finish_commit(writing, policy, nullptr);
  // The version is visible, unless writing has stopped; then this throws.
  if (pipeline_->epoch() < result.number) pipeline_->wait_visible(result.number);
  return true;
}

void core::commit_then(write_state& writing, std::function<void(std::exception_ptr)> done) {
  std::unique_ptr<pending_notification> on_done;
  try {
    if (!done) throw error(errc::invalid_argument, "commit_then: there is no function to call");
    on_done = std::make_unique<pending_notification>(std::move(done));
    if (!forked()) notifier_.start(*pipeline_);
  } catch (...) {
    if (!forked()) rollback(writing);
    throw;
  }
  finish_commit(writing, settings_.sync(), std::move(on_done));
}

/// Appends the transaction to the file, submits it to the pipeline, and ends it. If this does not
/// throw, on_done is notified when the commit is complete; without on_done, the caller waits for
/// that itself.
core::commit_outcome core::finish_commit(write_state& writing, sync_policy policy,
                                         std::unique_ptr<pending_notification> on_done) {
  if (forked()) check_open();  // throws: the file belongs to the parent process
  try {
    writer_.assert_held();
    const writer_guard guard(writer_, std::adopt_lock);
    append(writing, policy);
    const commit_outcome outcome{
        .number = head_->number,
        .throttled = log_ != nullptr && policy == sync_policy::every_second};
    if (on_done != nullptr) {
      on_done->number = outcome.number;
      on_done->throttled = outcome.throttled;
      notifier_.add(std::move(on_done));  // in file order, because the writer's lock is held
    }
    return outcome;
  } catch (const error& failure) {
    if (failure.code() == errc::file_lost) {
      reporter_.report(event_kind::file_lost, failure.code(), failure.what());
    }
    throw;
  }
}

void core::append(write_state& writing, sync_policy policy) {
  if (writing.doomed()) {
    discard(writing);
    throw error(errc::transaction_ended,
                "an exception inside one of its changes left the transaction unusable; it was "
                "rolled back");
  }
  if (!writing.changed()) return discard(writing);
  // Checked once, here: after the writer's lock is released, close() may remove the file.
  const bool in_a_file = log_ != nullptr;
  try {
    if (in_a_file) appender_->append(writing, *head_, policy);
  } catch (const std::exception& failure) {
    appender_->stop_if_broken(failure);
    discard(writing);
    throw;
  }
  version* const appended = writing.finish();
  if (in_a_file) appended->file_end = log_->end();
  head_ = appended;
  pipeline_->submit(
      appended, in_a_file ? commit_pipeline::promise_of(policy) : commit_pipeline::promise::none);
  collect(collect_with_commit);
}

void core::collect(std::uint64_t budget) noexcept {
  for (version_chain published = pipeline_->take_published(); !published.empty();) {
    version* next = published.pop_front();
    budget += next->retired_count;
    reclaimer_.retire(next);
  }
  reclaimer_.collect(slots_, budget);
}

bool core::reclaim() {
  // If a transaction holds the lock for longer than this, its commit frees memory instead.
  constexpr std::chrono::milliseconds patience{10};
  if (!writer_.try_acquire_until(std::chrono::steady_clock::now() + patience)) return false;
  const writer_guard guard(writer_, std::adopt_lock);
  for (version_chain published = pipeline_->take_published(); !published.empty();) {
    reclaimer_.retire(published.pop_front());
  }
  if (reclaimer_.collect(slots_, collect_step)) return true;
  return memory_.trim(max_trimmed) != 0;
}

statistics core::stats() {
  check_open();
  const writer_guard guard(writer_, "stats() would wait for this thread's own transaction");
  check_open();  // it may have been closed while this waited, and the file is used next
  reclaimer_.collect(slots_, collect_with_commit);
  statistics figures;
  figures.items = head_->size;
  figures.memory_bytes = memory_.bytes();
  figures.memory_blocks = memory_.blocks();
  figures.reserved_bytes = memory_.reserved_bytes();
  figures.file_bytes = log_ != nullptr ? log_->file_size() : 0;
  figures.live_bytes = head_->live_bytes;
  figures.pinned_versions = reclaimer_.pinned();
  pipeline_->fill(figures);
  figures.dropped_calls = reporter_.dropped();
  return figures;
}

bool core::begin_close() {
  const writer_guard guard(writer_, "close() would wait for this thread's own transaction");
  return !closed_.exchange(true);
}

void core::close_file() {
  if (log_ == nullptr) return;
  // The file is closed and its lock released, whatever happens below.
  struct closer {
    core& owner;
    ~closer() {
      owner.pipeline_->detach_file();
      owner.log_.reset();
    }
  } const closes{*this};
  pipeline_->throw_if_failed(log_->path() +
                             " is closed; what was committed since its last sync may be lost: ");
  pipeline_->sync();
  if (log_->unsealed()) log_->append_seal(pipeline_->durable_end());
  // Syncs the seal, also one that was written earlier.
  if (log_->end() != pipeline_->durable_end()) log_->sync();
  log_->finish();
}

void core::free_everything() noexcept {
  writer_.assert_held();  // no other thread uses it any more
  while (version* pending = pipeline_->take_newest_pending()) {
    write_state::discard(memory_, *pending);
    reclaimer_.free_version(pending);
  }
  for (version_chain published = pipeline_->take_published(); !published.empty();) {
    reclaimer_.retire(published.pop_front());
  }
  while (reclaimer_.collect(slots_, collect_step)) {
  }
  assert(reclaimer_.pinned() == 0 && "a snapshot outlives its database");
  assert(!writing_.active() && "a transaction outlives its database");
  reclaimer_.free_last(&pipeline_->current(), slots_);
}

}  // namespace buntdb::engine
