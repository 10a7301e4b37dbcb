#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <trantor/net/EventLoop.h>

namespace scs::http::detail {

/// An event loop that may end before those that use it: Drogon destroys its loops before run()
/// returns, while the executor may still call the store. Any thread may use it.
class drogon_loop {
 public:
  explicit drogon_loop(trantor::EventLoop* loop) : loop_(loop) {}
  drogon_loop(const drogon_loop&) = delete;
  drogon_loop& operator=(const drogon_loop&) = delete;

  /// Returns null if this thread has no event loop.
  static std::shared_ptr<drogon_loop> of_this_thread() {
    trantor::EventLoop* const loop = trantor::EventLoop::getEventLoopOfCurrentThread();
    if (loop == nullptr) return nullptr;
    thread_local std::shared_ptr<drogon_loop> known;
    if (!known || known->loop_ != loop) {
      auto made = std::make_shared<drogon_loop>(loop);
      // Runs on the loop's thread, before the loop is destroyed.
      loop->runOnQuit([made] { made->end(); });
      known = std::move(made);
    }
    return known;
  }

  /// Calls the function on the loop's thread, later. If the loop has ended, or ends before, it
  /// destroys the function instead.
  void queue(std::function<void()> function) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) loop_->queueInLoop(std::move(function));
  }

 private:
  void end() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

  std::mutex mutex_;
  trantor::EventLoop* loop_;  // changed on its own thread, with the mutex
};

/// A coroutine that waits. Used by one thread at a time.
///
/// If nothing resumes it, because its event loop has ended or the executor has dropped its task, it
/// waits until the process ends. It is not destroyed, because the destructors of what it holds may
/// use the loop.
class waiting_coroutine {
 public:
  explicit waiting_coroutine(std::coroutine_handle<> handle) : handle_(handle) {}
  waiting_coroutine(const waiting_coroutine&) = delete;
  waiting_coroutine& operator=(const waiting_coroutine&) = delete;
  ~waiting_coroutine() {
    if (handle_) keep(handle_);
  }

  void resume() { release().resume(); }
  std::coroutine_handle<> release() noexcept { return std::exchange(handle_, nullptr); }

 private:
  /// A leak checker finds what is still reachable, so it reports other leaks only.
  static void keep(std::coroutine_handle<> handle) noexcept {
    struct list {
      std::mutex mutex;
      std::vector<std::coroutine_handle<>> all;
    };
    try {
      static list* const kept = std::make_unique<list>().release();
      const std::lock_guard lock(kept->mutex);
      kept->all.push_back(handle);
    } catch (...) {  // no memory: a leak is the same to all but a leak checker
    }
  }

  std::coroutine_handle<> handle_;
};

/// Continues a coroutine on its event loop. Without a loop, it continues on this thread.
inline void resume_on(const std::shared_ptr<drogon_loop>& loop,
                      const std::shared_ptr<waiting_coroutine>& waiting) {
  if (!loop) {
    waiting->resume();
  } else {
    loop->queue([waiting] { waiting->resume(); });
  }
}

}  // namespace scs::http::detail
