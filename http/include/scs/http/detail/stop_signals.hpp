#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>

#include <pthread.h>

// How signals ask a server to end.

namespace scs::http::detail {

/// Calls a function on a separate thread, where it may do anything, when the process is asked to
/// end (SIGTERM, or SIGINT: Ctrl-C). A signal that comes at least half a second later ends the
/// process immediately, without waiting for running work. Earlier signals are ignored: supervisors
/// and GNU `timeout` send SIGTERM to a process and to its group, which is one request.
///
/// The signals are blocked in the thread that makes this object and in all threads that it starts
/// later.
///
/// Threads: one thread makes and destroys it.
class stop_signals {
 public:
  stop_signals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  ~stop_signals() { finish(); }
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Starts to wait. `stop` is called at most once. A signal that came before is not lost.
  void start(std::function<void()> stop) {
    stop_ = std::move(stop);
    thread_ = std::thread([this] { wait(); });
  }

  /// Stops waiting. When this returns, `stop` is not running and is not called any more, and a
  /// signal ends the process as it does by default.
  void finish() {
    if (thread_.joinable()) {
      finished_ = true;
      pthread_kill(thread_.native_handle(), SIGINT);  // for this thread only: ends its sigwait
      thread_.join();
    }
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }

 private:
  void wait() {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (finished_) return;
    const auto first = std::chrono::steady_clock::now();
    stop_();
    do {
      sigwait(&signals_, &signal);
      if (finished_) return;
    } while (std::chrono::steady_clock::now() - first < repeated_signal);
    std::_Exit(128 + signal);
  }

  /// Signals within this time after the first one are repetitions of it.
  static constexpr std::chrono::milliseconds repeated_signal{500};

  sigset_t signals_{};
  std::function<void()> stop_;
  std::atomic<bool> finished_ = false;
  std::thread thread_;
};

}  // namespace scs::http::detail
