#pragma once

#include <csignal>

/// Signals of a program that a person talks to. While this object lives, Ctrl-C does not end the
/// process but is remembered, and so is what asks it to end (SIGTERM, SIGHUP). One at a time.
class terminal_signals {
 public:
  terminal_signals();
  ~terminal_signals();
  terminal_signals(const terminal_signals&) = delete;
  terminal_signals& operator=(const terminal_signals&) = delete;

  /// What waiting for input ended with.
  enum class wakeup { input, interrupt, end, redraw, resize };

  /// Waits until standard input has something, or its end, or there is a signal; one that came
  /// before counts, too.
  wakeup wait_for_input();

  /// Forgets a Ctrl-C that came while nobody could have acted on it.
  void forget_interrupt() noexcept;

  /// SIGINT if Ctrl-C was pressed and not forgotten, else 0.
  const volatile std::sig_atomic_t& interrupt() const noexcept;
  /// The signal that asked the process to end; 0 if there was none.
  int end() const noexcept;

 private:
  struct handled {
    int signal;
    struct sigaction before;
  };
  handled handled_[5];
};
