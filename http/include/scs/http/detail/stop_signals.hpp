#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>

#include <pthread.h>

// How a server is asked to end by signals.

namespace scs::http::detail {

/// Calls a function when the process is asked to end (SIGTERM, or SIGINT: Ctrl-C), on a thread of
/// its own, where it may do anything. A signal that comes half a second later or more ends the
/// process at once, without waiting for what is still going on. Earlier ones are ignored:
/// supervisors and GNU `timeout` send SIGTERM to a process and to its group, which is one request.
///
/// Signals are blocked in the thread that makes this and in all threads that it starts afterwards.
/// Threads: made and destroyed by one.
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

  /// Starts to wait; stop is called at most once. A signal that came before is not lost.
  void start(std::function<void()> stop) {
    stop_ = std::move(stop);
    thread_ = std::thread([this] { wait(); });
  }

  /// Stops waiting: afterwards stop is not running and is not called any more, and a signal ends
  /// the process as it does by default.
  void finish() {
    if (thread_.joinable()) {
      finished_ = true;
      pthread_kill(thread_.native_handle(), SIGINT);  // only this thread gets it: ends its sigwait
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

  /// Signals within this time after the first one repeat it.
  static constexpr std::chrono::milliseconds repeated_signal{500};

  sigset_t signals_{};
  std::function<void()> stop_;
  std::atomic<bool> finished_ = false;
  std::thread thread_;
};

}  // namespace scs::http::detail
