#include "commit/commit_notifier.hpp"

#include <new>
#include <string>
#include <utility>

#include "platform/signals_blocked.hpp"

namespace buntdb::engine {

namespace {

thread_local const commit_notifier* notifying = nullptr;

}  // namespace

void commit_notifier::start(commit_pipeline& pipeline) {
  if (thread_.joinable()) return;
  const platform::signals_blocked blocked;
  thread_ = std::thread([this, &pipeline] { run(pipeline); });
}

void commit_notifier::add(std::unique_ptr<pending_notification> added) noexcept {
  {
    const mutex_lock lock(mutex_);
    waiting_.push_back(added.release());
  }
  added_.notify_one();
}

void commit_notifier::stop() {
  {
    const mutex_lock lock(mutex_);
    stopping_ = true;
  }
  added_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool commit_notifier::calls_this_thread() const noexcept {
  return notifying == this;
}

void commit_notifier::run(commit_pipeline& pipeline) {
  notifying = this;
  mutex_lock lock(mutex_);
  const auto is_wanted = [this]()
                             BUNTDB_REQUIRES(mutex_) { return stopping_ || !waiting_.empty(); };
  for (;;) {
    added_.wait(lock.native(), is_wanted);
    if (waiting_.empty()) return;
    std::unique_ptr<pending_notification> next(waiting_.pop_front());
    lock.unlock();
    notify(*next, pipeline);
    next.reset();  // the function's captures are destroyed without the lock, too
    lock.lock();
  }
}

void commit_notifier::notify(pending_notification& next, commit_pipeline& pipeline) const noexcept {
  std::exception_ptr failure;
  try {
    pipeline.wait_visible(next.number);
    if (next.throttled) pipeline.wait_while_overdue();
  } catch (...) {
    failure = std::current_exception();
  }
  const auto complain = [this](const char* what) {
    try {
      reporter_.report(event_kind::callback_failed, {},
                       std::string("a function given to commit_then() threw: ") + what);
    } catch (const std::bad_alloc&) {  // no memory: no event
    }
  };
  try {
    next.done(std::move(failure));
  } catch (const std::exception& thrown) {
    complain(thrown.what());
  } catch (...) {
    complain("something that is no std::exception");
  }
}

}  // namespace buntdb::engine
