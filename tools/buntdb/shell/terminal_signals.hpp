#pragma once

#include <csignal>

/// The signals of an interactive program. While this object lives, Ctrl-C is recorded instead of
/// ending the process, and so are requests to end (SIGTERM, SIGHUP). There may be one object at a
/// time.
class terminal_signals {
 public:
  terminal_signals();
  ~terminal_signals();
  terminal_signals(const terminal_signals&) = delete;
  terminal_signals& operator=(const terminal_signals&) = delete;

  /// Why waiting for input has ended.
  enum class wakeup { input, interrupt, end, redraw, resize };

  /// Waits until standard input has data or ends, or there is a signal. A signal that came before
  /// counts, too.
  wakeup wait_for_input();

  /// Discards a Ctrl-C that came when nothing could handle it.
  void forget_interrupt() noexcept;

  /// SIGINT if Ctrl-C was pressed and not discarded. Otherwise 0.
  const volatile std::sig_atomic_t& interrupt() const noexcept;
  /// Returns the signal that asked the process to end, or 0.
  int end() const noexcept;

 private:
  struct handled {
    int signal;
    struct sigaction before;
  };
  handled handled_[5];
};
