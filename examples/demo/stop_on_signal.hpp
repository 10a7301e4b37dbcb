#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

/// Calls a function when the process is asked to end (SIGTERM, or SIGINT: Ctrl-C), on a thread of
/// its own, where it may do anything. A second signal ends the process at once, without waiting for
/// what is still going on.
///
/// Signals are blocked in the thread that makes this and in all threads that it starts afterwards,
/// so make it before the others. Threads: made and destroyed by one.
class stop_on_signal {
 public:
  stop_on_signal();
  ~stop_on_signal();
  stop_on_signal(const stop_on_signal&) = delete;
  stop_on_signal& operator=(const stop_on_signal&) = delete;

  /// Starts to wait; stop is called at most once. A signal that came before is not lost.
  void start(std::function<void()> stop);

  /// Stops waiting: afterwards stop is not running and is not called any more, and a signal ends
  /// the process as it does by default.
  void finish();

 private:
  void wait();

  sigset_t signals_;
  std::function<void()> stop_;
  std::atomic<bool> finished_ = false;
  std::thread thread_;
};
