#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

/// Lets a command that writes end in order when it is asked to (SIGINT, SIGTERM, SIGHUP). Until
/// stop_with() such a signal ends the process as it does by default.
///
/// Signals are blocked in the thread that makes this object and in threads that are started later,
/// so make it before the database is opened.
class interrupts {
 public:
  interrupts();
  ~interrupts();
  interrupts(const interrupts&) = delete;
  interrupts& operator=(const interrupts&) = delete;

  /// From now on a signal calls `stop`, at most once, on another thread. It must not throw. When
  /// this function has returned, the previous function is not running and is not called any more.
  void stop_with(std::function<void()> stop);

  /// Returns the signal that came after the first stop_with(), or 0. Waits for the function that it
  /// called.
  int received() const;

 private:
  void wait();

  sigset_t signals_;
  mutable std::mutex mutex_;
  std::function<void()> stop_;
  int received_ = 0;
  bool ends_ = false;
  std::thread thread_;
};
