#include "engine/core.hpp"

#include <cassert>
#include <utility>

#include <buntdb/error.hpp>

#include "engine/chunk.hpp"
#include "engine/open_file.hpp"
#include "log/batch.hpp"

namespace buntdb::engine {

namespace {

constexpr std::chrono::milliseconds background_pause{250};
constexpr std::chrono::seconds sync_interval{1};
// What a commit frees beside its own work, and what the background does with the writer's lock
// held.
constexpr std::uint64_t collect_beside_commit = 256;
constexpr std::uint64_t collect_step = 4096;
constexpr unsigned chunks_made_huge_step = 16;
constexpr std::size_t max_kept_batch = std::size_t{4} << 20U;

}  // namespace

core::core(const options& options)
    : read_only_(options.read_only),
      settings_({.sync = options.sync, .compaction = options.compaction, .expiry = options.expiry}),
      clock_(options.clock != nullptr ? *options.clock : clock::system()),
      has_system_clock_(&clock_ == &clock::system()),
      reporter_(options.on_event),
      reclaimer_(memory_),
      completions_(reporter_),
      writing_(*this, memory_) {}

std::unique_ptr<core> core::in_memory(const options& options, const core_settings& settings) {
  std::unique_ptr<core> made(new core(options));
  version* first = made->reclaimer_.make_version();
  first->number = 1;
  made->start(nullptr, first, settings);
  return made;
}

std::unique_ptr<core> core::open(io::file_system& files, const std::string& path,
                                 const options& options, const core_settings& settings) {
  std::unique_ptr<core> made(new core(options));
  made->files_ = &files;
  version* first = made->reclaimer_.make_version();
  first->number = 1;
  try {
    opened_file opened =
        options.read_only
            ? read_file(files, path, made->memory_, *first, made->now())
            : open_file(files, files.resolved(path), made->memory_, *first, made->now());
    made->recovered_bytes_ = opened.cut.bytes;
    made->recovered_to_ = opened.cut.kept_in;
    made->read_only_bytes_ = opened.read_only_bytes;
    if (!opened.recovery_message.empty()) {
      made->reporter_.report(
          options.read_only ? event::kind::ignored_torn_end : event::kind::recovered, {},
          opened.recovery_message);
    }
    for (const std::string& problem : opened.index_problems) {
      std::string message = path;
      message.append(": ").append(problem);
      made->reporter_.report(event::kind::index_not_restored, errc::invalid_argument, message);
    }
    made->start(std::move(opened.log), first, settings);
  } catch (...) {
    if (!made->pipeline_) {  // else the engine's own end sees to it
      write_state::discard(made->memory_, *first);
      made->reclaimer_.free_version(first);
    }
    throw;
  }
  return made;
}

void core::start(std::unique_ptr<log_file> log, version* first, const core_settings& settings) {
  log_ = std::move(log);
  in_a_file_ = log_ != nullptr;
  head_ = first;
  if (log_ != nullptr) first->file_end = log_->end();
  pipeline_.emplace(first, log_.get(), now(), reporter_);
  small_chunks_ = memory_.take_small_chunks();
  if (settings.with_background_thread && !read_only_) {
    background_.emplace([this] { run_background(); }, background_pause);
    if (log_ != nullptr) {
      compactor_.emplace([this] { compact_if_due(); }, background_pause);
    }
  }
  if (read_only_) {  // no thread of ours comes round to them, the system's does, some time
    for (void* small : std::exchange(small_chunks_, {}))
      chunk::prefer(small, chunk::pages::huge);
  }
}

core::~core() {
  if (!pipeline_) return;  // opening failed
  try {
    close();
  } catch (const error& failure) {
    reporter_.report(event::kind::close_failed, failure.code(), failure.what());
  } catch (const std::exception& failure) {
    reporter_.report(event::kind::close_failed, {}, failure.what());
  }
  free_everything();
}

void core::check_open() const {
  if (forked()) {
    throw error(errc::closed,
                "this handle was inherited through fork(): open the database in the "
                "process that uses it");
  }
  if (closed_.load(std::memory_order_acquire)) {
    throw error(errc::closed, "the database has been closed");
  }
}

void core::check_writable() const {
  check_open();
  if (read_only_) throw error(errc::read_only, "the database was opened read-only");
}

write_state& core::begin() {
  check_writable();
  if (!writer_.acquire()) {
    throw error(
        errc::nested_transaction,
        "this thread is already writing: a nested update() or begin() would wait for itself");
  }
  return begin_locked();
}

write_state* core::try_begin_until(std::chrono::steady_clock::time_point deadline) {
  check_writable();
  if (!writer_.try_acquire_until(deadline)) {
    if (writer_.held_by_this_thread()) {
      throw error(errc::nested_transaction, "this thread is already writing");
    }
    return nullptr;
  }
  return &begin_locked();
}

write_state* core::try_begin() {
  check_writable();
  if (!writer_.try_acquire_until(std::chrono::steady_clock::time_point{})) return nullptr;
  return &begin_locked();
}

write_state& core::begin_locked() {
  try {
    check_open();
    pipeline_->throw_if_failed();
    writing_.begin(reclaimer_.make_version(), *head_, now());
  } catch (...) {
    writer_.release();
    throw;
  }
  return writing_;
}

void core::rollback(write_state& writing) noexcept {
  reclaimer_.free_version(writing.discard());
  writer_.release();
}

/// Appends what the transaction changed to the file.
void core::write_batch(write_state& writing, sync_policy policy) {
  pipeline_->throw_if_failed();
  batch_.clear();
  log::begin_batch(batch_);
  const std::size_t empty = batch_.size();
  writing.encode(batch_);
  if (batch_.size() == empty) return;  // what it set, it erased again
  // A write would fill a cut file up again, and the loss would go unseen.
  if (policy == sync_policy::always) log_->check_size();
  prepare_file();
  log_->append(batch_, pipeline_->durable_end());
  if (batch_.capacity() > max_kept_batch) std::string().swap(batch_);
}

/// Before the first append; the writer's lock is held.
void core::prepare_file() {
  if (!log_->prepared()) pipeline_->prepare_file([this] { log_->prepare(*head_); });
}

void core::commit(write_state& writing) {
  const ended result = end(writing, settings_.sync(), nullptr);
  if (pipeline_->epoch() < result.number) {
    pipeline_->wait_visible(result.number);
  } else if (result.bounded) {
    pipeline_->wait_while_overdue();
  }
}

bool core::try_commit(write_state& writing) {
  const sync_policy policy = settings_.sync();
  if (log_ != nullptr && (policy == sync_policy::always || !log_->appends_at_once())) return false;
  if (other_files_.load() != 0) return false;
  const commit_pipeline::undisturbed_append append(*pipeline_);
  if (!append) return false;
  const ended result = end(writing, policy, nullptr);
  // It is visible, unless writing has stopped; then this throws.
  if (pipeline_->epoch() < result.number) pipeline_->wait_visible(result.number);
  return true;
}

void core::commit_then(write_state& writing, std::function<void(std::exception_ptr)> done) {
  std::unique_ptr<completion> told;
  try {
    if (!done) throw error(errc::invalid_argument, "commit_then: there is no function to call");
    told = std::make_unique<completion>(std::move(done));
    if (!forked()) completions_.start(*pipeline_);
  } catch (...) {
    if (!forked()) rollback(writing);
    throw;
  }
  end(writing, settings_.sync(), std::move(told));
}

/// Brings the transaction to the file and into the pipeline. If told is given, it is told of the
/// rest, unless this throws.
core::ended core::end(write_state& writing, sync_policy policy, std::unique_ptr<completion> told) {
  if (forked()) check_open();  // which says so; the file is the parent's
  if (writing.doomed()) {
    rollback(writing);
    throw error(errc::transaction_ended,
                "an exception inside one of its changes left the transaction unusable; it was "
                "rolled back");
  }
  // Without the writer's lock, close() may take the file away: asked once, here.
  const bool in_a_file = log_ != nullptr;
  const bool waits = in_a_file && policy == sync_policy::always;
  const bool bounded = in_a_file && policy == sync_policy::every_second;
  ended result{.number = head_->number, .bounded = bounded};
  if (!writing.changed()) {
    reclaimer_.free_version(writing.discard());
  } else {
    try {
      if (in_a_file) write_batch(writing, policy);
    } catch (const error& failure) {
      const bool lost = failure.code() == errc::file_lost;
      if (lost || log_->broken()) pipeline_->fail(failure);
      rollback(writing);
      if (lost) reporter_.report(event::kind::file_lost, failure.code(), failure.what());
      throw;
    } catch (const std::exception& failure) {
      if (in_a_file && log_->broken()) pipeline_->fail(error(errc::failed, failure.what()));
      rollback(writing);
      throw;
    }
    version* appended = writing.finish();
    if (in_a_file) appended->file_end = log_->end();
    result.number = appended->number;
    head_ = appended;
    pipeline_->submit(appended, waits);
    collect(collect_beside_commit);
  }
  if (told != nullptr) {
    told->number = result.number;
    told->bounded = result.bounded;
    completions_.add(std::move(told));  // in file order, since the writer's lock is held
  }
  writer_.release();
  return result;
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
  if (!writer_.acquire_behind_others()) return false;
  for (version_chain published = pipeline_->take_published(); !published.empty();) {
    reclaimer_.retire(published.pop_front());
  }
  const bool more = reclaimer_.collect(slots_, collect_step);
  writer_.release();
  return more;
}

void core::sync_if_due() {
  if (log_ == nullptr || pipeline_->failed()) return;
  if (settings_.sync() == sync_policy::every_second) {
    if (pipeline_->unsynced_for(sync_interval)) {
      pipeline_->sync();
    }
    seal_if_idle();
  }
}

/// Vouches for what is on disk, if nothing was written since the sync.
void core::seal_if_idle() {
  if (!writer_.try_acquire_until(std::chrono::steady_clock::now())) return;
  try {
    if (!pipeline_->failed() && log_->unsealed() && pipeline_->durable_end() == log_->end()) {
      log_->append_seal(pipeline_->durable_end());
    }
  } catch (const error& failure) {
    if (log_->broken()) pipeline_->fail(failure);
    writer_.release();
    throw;
  } catch (...) {  // no memory for the seal
    writer_.release();
    throw;
  }
  writer_.release();
}

/// Whether the file is still the one that was opened. What another program has written behind our
/// own end is seen only if nobody is writing just now.
void core::check_file() {
  if (log_ == nullptr || pipeline_->failed()) return;
  const bool alone = writer_.try_acquire_until(std::chrono::steady_clock::now());
  std::optional<error> lost;
  try {
    pipeline_->exchange_file(commit_pipeline::if_syncing::give_up, [&](std::uint64_t) {
      log_->check_name(log_->file_size());
      log_->check_content();
      if (alone) log_->check_size();
      return true;
    });
  } catch (const error& failure) {
    lost = failure;
  } catch (...) {  // no memory
    if (alone) writer_.release();
    throw;
  }
  if (lost && lost->code() == errc::file_lost) pipeline_->fail(*lost);
  if (alone) writer_.release();
  if (!lost) return;
  if (lost->code() != errc::file_lost) throw error(*lost);  // it could not be asked for
  reporter_.report(event::kind::file_lost, lost->code(), lost->what());
}

void core::reclaim_all() {
  while (reclaim()) {
  }
}

void core::run_background() noexcept {
  run_guarded(&core::check_file, checking_fails_);
  run_guarded(&core::remove_all_expired, removing_fails_);
  run_guarded(&core::sync_if_due, syncing_fails_);
  run_guarded(&core::reclaim_all, reclaiming_fails_);
  make_chunks_huge();
}

unsigned core::make_chunks_huge() noexcept {
  unsigned made = 0;
  for (; made < chunks_made_huge_step && !small_chunks_.empty() && !closing_; ++made) {
    static_cast<void>(chunk::make_huge(small_chunks_.back()));
    small_chunks_.pop_back();
  }
  return made;
}

/// What fails is said once, until it goes well again.
void core::run_guarded(void (core::*step)(), bool& fails) noexcept {
  try {
    (this->*step)();
    fails = false;
  } catch (const error& failure) {
    // A failed sync has been reported where it failed, and being closed is no failure.
    if (failure.code() == errc::failed || failure.code() == errc::closed) return;
    if (!std::exchange(fails, true)) {
      reporter_.report(event::kind::background_failed, failure.code(), failure.what());
    }
  } catch (const std::exception& failure) {
    if (!std::exchange(fails, true)) {
      reporter_.report(event::kind::background_failed, {}, failure.what());
    }
  } catch (...) {  // whatever an ordering of the user's own throws, it must not end the thread
    if (!std::exchange(fails, true)) {
      reporter_.report(event::kind::background_failed, {},
                       "an ordering threw something that is no std::exception");
    }
  }
}

void core::sync() {
  check_open();
  pipeline_->sync();
}

void core::change(const settings_change& change) {
  check_open();
  settings_.change(change);
}

statistics core::stats() {
  check_open();
  statistics figures;
  if (!writer_.acquire()) {
    throw error(errc::nested_transaction, "stats() would wait for this thread's own transaction");
  }
  if (closed_.load()) {  // while this waited; the file goes next
    writer_.release();
    check_open();
  }
  reclaimer_.collect(slots_, collect_beside_commit);
  figures.items = head_->size;
  figures.memory_bytes = memory_.bytes();
  figures.memory_blocks = memory_.blocks();
  figures.file_bytes = log_ != nullptr ? log_->file_size() : read_only_bytes_;
  figures.live_bytes = head_->live_bytes;
  figures.pinned_versions = reclaimer_.pinned();
  writer_.release();
  figures.compactions = compactions_.load();
  figures.last_sync = pipeline_->last_sync();
  if (const std::int64_t last = last_compaction_.load(); last != 0) {
    figures.last_compaction = time_point(std::chrono::nanoseconds(last));
  }
  figures.recovered_bytes = recovered_bytes_;
  figures.recovered_to = recovered_to_;
  return figures;
}

void core::close() {
  if (forked()) check_open();
  if (closed_.load(std::memory_order_acquire)) return;
  for (const auto* own : {&background_, &compactor_}) {
    if (*own && (*own)->is_this_thread()) {
      throw error(errc::nested_transaction,
                  "close() would wait for the hook or on_event that calls it: call it elsewhere");
    }
  }
  if (completions_.calls_this_thread()) {
    throw error(errc::nested_transaction,
                "close() would wait for the function that calls it: commit_then() called that");
  }
  if (!writer_.acquire()) {
    throw error(errc::nested_transaction, "close() would wait for this thread's own transaction");
  }
  if (closed_.exchange(true)) {
    writer_.release();
    return;
  }
  writer_.release();
  closing_ = true;  // a compaction gives up
  if (background_) background_->stop();
  if (compactor_) compactor_->stop();
  completions_.stop();
  const std::lock_guard no_compaction(compaction_mutex_);
  close_file();
}

void core::close_file() {
  if (log_ == nullptr) return;
  // Whatever happens, the file is closed and its lock given up.
  struct closer {
    core& owner;
    ~closer() {
      owner.pipeline_->detach_file();
      owner.log_.reset();
    }
  } const closes{*this};
  if (pipeline_->failed()) return;
  pipeline_->sync();
  if (log_->unsealed()) log_->append_seal(pipeline_->durable_end());
  if (log_->end() != pipeline_->durable_end()) log_->sync();  // that, or a seal from before
}

void core::free_everything() noexcept {
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
  version* last = &pipeline_->current();
  cursor at;
  for (at.seek_first(last->keys); !at.at_end(); at.next()) {
    item::destroy(memory_, static_cast<item*>(at.entry()));
  }
  destroy_tree(memory_, last->keys);
  last->keys = nullptr;
  if (index_table* table = std::exchange(last->indexes, nullptr); table != nullptr) {
    for (retirable* root : table->roots())
      reclaimer_.fell(root);
    index_table::destroy(memory_, table);
  }
  while (reclaimer_.collect(slots_, collect_step)) {
  }
  reclaimer_.free_version(last);
}

}  // namespace buntdb::engine
