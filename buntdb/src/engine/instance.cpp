#include "engine/instance.hpp"

#include <system_error>
#include <thread>
#include <utility>

#include <buntdb/error.hpp>

#include "storage/open_file.hpp"
#include "storage/unfinished_file.hpp"

namespace buntdb::engine {

namespace {

constexpr std::chrono::milliseconds background_pause{250};

}  // namespace

instance::instance(io::file_system& files, const options& options,
                   const instance_settings& settings)
    : files_(files),
      core_(options),
      sweeper_(core_, settings.call_expiry_hook),
      maintenance_(core_),
      compactor_(core_) {}

std::unique_ptr<instance> instance::in_memory(const options& options,
                                              const instance_settings& settings) {
  std::unique_ptr<instance> made(new instance(io::file_system::native(), options, settings));
  made->start(nullptr, made->core_.make_first_version(), settings);
  return made;
}

std::unique_ptr<instance> instance::open(io::file_system& files, const std::string& path,
                                         const options& options,
                                         const instance_settings& settings) {
  std::unique_ptr<instance> made(new instance(files, options, settings));
  version* const first = made->core_.make_first_version();
  try {
    made->start(made->read(path, options, *first), first, settings);
  } catch (...) {
    // Otherwise the core's destructor frees it.
    if (!made->started_) made->core_.free_first_version(first);
    throw;
  }
  return made;
}

std::unique_ptr<log_file> instance::read(const std::string& path, const options& options,
                                         version& first) {
  opened_file opened = options.read_only
                           ? read_file(files_, path, core_.memory(), first, core_.now())
                           : open_file(files_, files_.resolved(path), core_.memory(), first,
                                       {.lock_timeout = options.lock_timeout,
                                        .now = [this] { return core_.now(); }});
  took_over_ = opened.was_waited_for;
  recovery_ = {.cut_bytes = opened.cut.bytes,
               .cut_kept_in = opened.cut.kept_in,
               .read_only_bytes = opened.read_only_bytes};
  if (!opened.exposure.empty()) {
    core_.events().report(event_kind::file_exposed, {}, opened.exposure);
  }
  if (!opened.replacement_problem.empty()) {
    compactor_.found_unreplaceable();
    core_.events().report(event_kind::cannot_compact, {}, opened.replacement_problem);
  }
  if (!opened.recovery_message.empty()) {
    core_.events().report(options.read_only ? event_kind::ignored_torn_end : event_kind::recovered,
                          {}, opened.recovery_message);
  }
  if (opened.is_foreign) {
    core_.events().report(event_kind::foreign_file, {},
                          path +
                              ": another program has written the whole file; if indexes were kept "
                              "with it before, they are gone");
  }
  for (const std::string& problem : opened.index_problems) {
    std::string message = path;
    message.append(": ").append(problem);
    core_.events().report(event_kind::index_not_restored, errc::invalid_argument, message);
  }
  return std::move(opened.log);
}

void instance::start(std::unique_ptr<log_file> log, version* first,
                     const instance_settings& settings) {
  core_.start(std::move(log), first);
  started_ = true;
  maintenance_.converter().take_over();
  if (core_.read_only()) {
    maintenance_.converter().leave_to_kernel();  // there is no background thread
  } else if (settings.with_threads) {
    maintenance_.start_thread(background_pause);
    sweeper_.start_thread(background_pause);
    if (core_.log() != nullptr) compactor_.start_thread(background_pause);
  }
  // After taking over from another process, requests are already waiting. The compactor's thread
  // compacts later.
  if (!core_.read_only() && !took_over_) compactor_.compact_if_due_and_brief();
}

instance::~instance() {
  if (!started_) return;  // opening failed
  try {
    close();
  } catch (const error& failure) {
    core_.events().report(event_kind::close_failed, failure.code(), failure.what());
  } catch (const std::exception& failure) {
    core_.events().report(event_kind::close_failed, {}, failure.what());
  }
}

bool instance::is_own_thread() const noexcept {
  return maintenance_.is_this_thread() || sweeper_.is_this_thread() ||
         compactor_.is_this_thread() || core_.events().is_this_thread() ||
         core_.notifies_on_this_thread();
}

void instance::end_elsewhere(std::unique_ptr<instance> ending) noexcept {
  instance* const raw = ending.release();
  try {
    std::thread([raw] { delete raw; }).detach();
  } catch (const std::system_error& failure) {  // it stays open until the process ends
    raw->core_.events().report(event_kind::close_failed, failure.code(),
                               "the database was dropped by a function that it called, and there "
                               "is no thread to close it");
  }
}

settings instance::current_settings() const {
  // Throws: another thread may have held the lock at the fork.
  if (core_.forked()) core_.check_open();
  return core_.settings().get();
}

void instance::change(const std::function<void(settings&)>& edit) {
  core_.check_open();
  core_.settings().change(edit);
}

statistics instance::stats() {
  statistics figures = core_.stats();
  // Without a writable file, nothing can be compacted.
  figures.compaction_due =
      figures.file_bytes != 0 && compactor_.is_due(figures.file_bytes, figures.live_bytes);
  if (core_.read_only()) figures.file_bytes = recovery_.read_only_bytes;
  figures.max_memory_bytes = core_.settings().max_memory();
  figures.compactions = compactor_.count();
  figures.compaction_failures = compactor_.failures();
  figures.can_compact = compactor_.can_compact();
  figures.last_compaction = compactor_.last();
  figures.recovered_bytes = recovery_.cut_bytes;
  figures.recovered_to = recovery_.cut_kept_in;
  return figures;
}

std::vector<std::string> instance::purge() {
  compactor_.compact();
  const mutex_lock no_compaction(compactor_.one_at_a_time());
  core_.check_open();
  if (core_.log() == nullptr) return {};
  return remove_remains(files_, core_.log()->path());
}

void instance::close(const close_options& how) {
  if (core_.forked()) core_.check_open();  // throws
  if (core_.closed()) return;
  if (is_own_thread()) {
    throw error(errc::nested_transaction,
                "close() would wait for the function that calls it, which is a hook, on_event or "
                "one given to commit_then(): call it elsewhere");
  }
  if (how.may_compact && !core_.read_only() && !core_.writer().held_by_this_thread()) {
    compactor_.compact_if_due_and_brief();
  }
  if (!core_.begin_close()) return;
  compactor_.give_up();
  maintenance_.stop_thread();
  sweeper_.stop_thread();
  compactor_.stop_thread();
  // Before the lock: a function that is notified may wait for a compaction that it started.
  core_.end_notifications();
  core_.events().stop();
  // Subscriptions end after the last version has become visible, even if closing fails.
  struct changes_end {
    change_hub& changes;
    ~changes_end() { changes.end(); }
  } const ends{core_.pipeline().changes()};
  const mutex_lock no_compaction(compactor_.one_at_a_time());
  core_.close_file();
}

}  // namespace buntdb::engine
