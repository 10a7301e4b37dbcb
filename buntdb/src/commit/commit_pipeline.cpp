#include "commit/commit_pipeline.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <thread>
#include <utility>

namespace buntdb::engine {

namespace {

/// The leader of a sync waits for writers that the previous sync has just released. It waits as
/// long as another one arrives within straggler_time, or within 1/straggler_part of the duration of
/// that sync, if that is longer.
constexpr std::chrono::microseconds straggler_time{50};
constexpr int straggler_part = 8;
/// A sync is due a second after the write that it is for. Two seconds later it is overdue, and
/// writers wait for it.
constexpr std::chrono::seconds overdue_after{3};

}  // namespace

commit_pipeline::commit_pipeline(version* first, log_file* log, const clock& clock,
                                 const reporter& reporter)
    : changes_(clock),
      log_(log),
      reporter_(reporter),
      current_(first),
      epoch_(first->number),
      first_number_(first->number),
      durable_end_(log == nullptr ? 0 : log->end()),
      wheel_(clock.now()) {
  // Sorting the items of a large file into the wheel would take longer than the rest of the open.
  wheel_.add_later(first->created);
}

void commit_pipeline::submit(version* appended, promise durable) noexcept {
  const mutex_lock held(mutex_);
  const bool waits_for_sync = durable == promise::before_visible;
  appended->waits_for_sync = waits_for_sync;
  submitted_ = appended->number;
  if (waits_for_sync) {
    ++waiting_;
    if (last_group_ > 1 && waiting_ >= last_group_) arrived_.notify_one();
  }
  const bool is_unsynced = log_ != nullptr && appended->file_end > durable_end_.load();
  if (is_unsynced && durable != promise::none && !unsynced_since_) {
    unsynced_since_ = std::chrono::steady_clock::now();
  }
  pending_.push_back(appended);
  publish_ready();
}

bool commit_pipeline::begin_append() noexcept {
  if (!mutex_.try_lock()) return false;
  const bool quiet = !syncing_ && !failure_ && pending_.empty() && !overdue();
  if (quiet) ++appends_;
  mutex_.unlock();
  return quiet;
}

void commit_pipeline::end_append() noexcept {
  {
    const mutex_lock held(mutex_);
    if (--appends_ != 0) return;
  }
  synced_.notify_all();
}

void commit_pipeline::wait_until_synced(mutex_lock& held) {
  synced_.wait(held.native(), [this]() BUNTDB_REQUIRES(mutex_) { return !syncing_; });
}

void commit_pipeline::publish_ready() noexcept {
  if (failure_) return;
  while (!pending_.empty()) {
    const version* next = pending_.front();
    if (next->waits_for_sync && next->file_end > durable_end_.load()) return;
    if (next->waits_for_sync) --waiting_;
    publish(pending_.pop_front());
  }
}

void commit_pipeline::publish(version* version) noexcept {
  changes_.stage(*version);
  for (item* item : version->replaced) {
    expiry_wheel::remove(item);
    version->retired_items.push_back(item);
  }
  version->replaced.clear();
  while (!version->created.empty())
    wheel_.add(version->created.pop_front());
  version->predecessor = current_.load(std::memory_order_relaxed);
  // The order of these two stores matters, and both must be sequentially consistent: see
  // reclaimer.hpp. The load above needs no order, because only the holder of this mutex stores.
  current_.store(version);
  epoch_.store(version->number);
  changes_.deliver();
  published_.push_back(version);
}

void commit_pipeline::wait_visible(std::uint64_t number) {
  mutex_lock held(mutex_);
  while (epoch() < number) {
    if (failure_) throw_failure();
    if (!syncing_) {
      lead_sync(held);
      continue;
    }
    sync_waiters& own = waiters_of(number <= covered_ ? syncs_ : syncs_ + 1);
    own.has_waiters = true;
    const std::uint32_t before = own.opened.load();
    held.unlock();
    own.opened.wait(before);
    if (epoch() >= number) return;
    held.lock();
  }
}

void commit_pipeline::sync() {
  mutex_lock held(mutex_);
  if (log_ == nullptr) return;  // in memory, read-only, or closed
  const std::uint64_t target = log_->end();
  if (failure_) throw_failure();
  while (durable_end_.load() < target) {
    if (failure_) throw_failure();
    if (syncing_) {
      synced_.wait(held.native());
    } else {
      lead_sync(held);
    }
  }
}

void commit_pipeline::sync_anew() {
  mutex_lock held(mutex_);
  wait_until_synced(held);
  if (log_ == nullptr) return;
  if (!failure_) lead_sync(held);
  if (failure_) throw_failure();
}

void commit_pipeline::fill(statistics& figures) const {
  const mutex_lock held(mutex_);
  figures.commits = submitted_ < first_number_ ? 0 : submitted_ - first_number_;
  figures.syncs = sync_durations_;
  if (const auto since = waits_since()) {
    figures.unsynced_for = std::chrono::steady_clock::now() - *since;
  }
  figures.writes_stopped = failure_.has_value();
  figures.last_sync = last_sync_;
}

/// Waits until as many commits wait as the last sync released and left waiting, until no more
/// arrive, or for as long as that sync took; longer waiting would cost more than it saves. (If only
/// the released ones were counted, writers that once were in two groups would stay in two groups
/// forever.)
void commit_pipeline::wait_for_stragglers(mutex_lock& held) {
  if (last_group_ <= 1) return;
  const auto all_are_here = [this]() BUNTDB_REQUIRES(mutex_) { return waiting_ >= last_group_; };
  const auto end = std::chrono::steady_clock::now() + last_sync_took_;
  const auto patience = std::max<std::chrono::steady_clock::duration>(
      straggler_time, last_sync_took_ / straggler_part);
  constexpr unsigned in_vain_at_most = 8;
  for (unsigned in_vain = 0; in_vain < in_vain_at_most && !all_are_here();) {
    const std::uint64_t before = waiting_;
    mutex_.unlock();
    std::this_thread::yield();
    mutex_.lock();
    in_vain = waiting_ > before ? 0 : in_vain + 1;
    if (std::chrono::steady_clock::now() >= end) return;
  }
  for (std::uint64_t before = 0; waiting_ > before && !all_are_here();) {
    before = waiting_;
    if (std::chrono::steady_clock::now() >= end) return;
    arrived_.wait_for(held.native(), patience, all_are_here);
  }
}

/// Syncs the file on behalf of all waiting threads, with the mutex released meanwhile. A failure is
/// recorded, not thrown.
void commit_pipeline::lead_sync(mutex_lock& held) {
  assert(!syncing_);
  syncing_ = true;
  covered_ = std::numeric_limits<std::uint64_t>::max();  // commits that arrive now, too
  wait_for_stragglers(held);
  synced_.wait(held.native(), [this]() BUNTDB_REQUIRES(mutex_) {
    return appends_ == 0;
  });  // takes some microseconds; no append begins while syncing_ is set
  covered_ = submitted_;
  const std::uint64_t target = log_->end();
  const std::uint64_t before = epoch();
  in_sync_since_ = unsynced_since_;
  unsynced_since_.reset();
  mutex_.unlock();
  std::optional<error> failure;
  const auto begin = std::chrono::steady_clock::now();
  try {
    log_->sync();
  } catch (const error& cause) {
    failure = cause;
  } catch (const std::exception& cause) {  // no memory for a longer message
    failure = error(errc::writes_stopped, cause.what());
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  mutex_.lock();
  last_sync_took_ = took;
  sync_durations_.add(took);
  syncing_ = false;
  in_sync_since_.reset();
  if (failure && !failure_) {
    failure_ = failure;
    failed_ = true;
  }
  if (!failure_) {
    durable_end_ = target;
    last_sync_ = clock::system().now();
    publish_ready();
    last_group_ = epoch() - before + waiting_;
  }
  sync_waiters& over = waiters_of(syncs_);
  sync_waiters& next = waiters_of(++syncs_);
  const bool somebody_goes_on = next.has_waiters;
  // A version after those that this sync covers may have become visible already because it needs no
  // sync. If only one thread were woken and it waited for such a version, it would return without
  // leading the next sync.
  const bool one_is_enough = !failure_ && epoch() <= covered_;
  over.has_waiters = false;
  ++over.opened;
  if (somebody_goes_on) ++next.opened;
  synced_.notify_all();
  mutex_.unlock();
  if (somebody_goes_on) one_is_enough ? next.opened.notify_one() : next.opened.notify_all();
  over.opened.notify_all();
  if (failure) {
    reporter_.report(
        failure->code() == errc::file_lost ? event_kind::file_lost : event_kind::sync_failed,
        failure->code(), failure->what());
  }
  mutex_.lock();
}

const std::optional<std::chrono::steady_clock::time_point>& commit_pipeline::waits_since() const {
  return in_sync_since_ ? in_sync_since_ : unsynced_since_;
}

bool commit_pipeline::overdue() const {
  const auto& since = waits_since();
  return since && std::chrono::steady_clock::now() - *since > overdue_after;
}

void commit_pipeline::wait_while_overdue() {
  mutex_lock held(mutex_);
  while (overdue()) {
    if (failure_) throw_failure();
    if (syncing_) {
      synced_.wait(held.native());
    } else {
      lead_sync(held);
    }
  }
}

bool commit_pipeline::unsynced_for(std::chrono::nanoseconds time) const {
  const mutex_lock held(mutex_);
  return unsynced_since_ && !failure_ &&
         std::chrono::steady_clock::now() - *unsynced_since_ >= time;
}

void commit_pipeline::fail(const error& cause) {
  const mutex_lock held(mutex_);
  if (!failure_) failure_ = cause;
  failed_ = true;
  synced_.notify_all();
  for (sync_waiters& each : waiters_) {
    ++each.opened;
    each.opened.notify_all();
  }
}

void commit_pipeline::detach_file() noexcept {
  mutex_lock held(mutex_);
  wait_until_synced(held);
  log_ = nullptr;
}

void commit_pipeline::throw_if_failed(std::string_view meaning) const {
  if (!failed()) return;
  const mutex_lock held(mutex_);
  throw_failure(meaning);
}

void commit_pipeline::throw_failure(std::string_view meaning) const {
  throw error(errc::writes_stopped,
              std::string(meaning) +
                  "writing has stopped until the database is opened again, because of this: " +
                  failure_->what());
}

version_chain commit_pipeline::take_published() noexcept {
  const mutex_lock held(mutex_);
  return std::exchange(published_, {});
}

version* commit_pipeline::take_newest_pending() noexcept {
  const mutex_lock held(mutex_);
  version_chain kept;
  while (!pending_.empty()) {
    version* next = pending_.pop_front();
    if (pending_.empty()) {
      pending_ = kept;
      return next;
    }
    kept.push_back(next);
  }
  return nullptr;
}

}  // namespace buntdb::engine
