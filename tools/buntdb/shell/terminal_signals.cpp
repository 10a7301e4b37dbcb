#include "shell/terminal_signals.hpp"

#include <cerrno>
#include <initializer_list>

#include <sys/select.h>
#include <unistd.h>

namespace {

volatile std::sig_atomic_t interrupt_signal = 0;
volatile std::sig_atomic_t end_signal = 0;
volatile std::sig_atomic_t continued = 0;
volatile std::sig_atomic_t resized = 0;

void remember(int signal) {
  switch (signal) {
    case SIGINT:
      interrupt_signal = signal;
      break;
    case SIGCONT:
      continued = 1;
      break;
    case SIGWINCH:
      resized = 1;
      break;
    default:
      end_signal = signal;
  }
}

}  // namespace

terminal_signals::terminal_signals()
    : handled_{{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}, {SIGCONT, {}}, {SIGWINCH, {}}} {
  for (volatile std::sig_atomic_t* seen : {&interrupt_signal, &end_signal, &continued, &resized})
    *seen = 0;
  struct sigaction action {};
  action.sa_handler = remember;  // without SA_RESTART: a signal ends reading
  for (handled& each : handled_)
    sigaction(each.signal, &action, &each.before);
}

terminal_signals::~terminal_signals() {
  for (const handled& each : handled_)
    sigaction(each.signal, &each.before, nullptr);
}

terminal_signals::wakeup terminal_signals::wait_for_input() {
  // Blocked except while waiting, so that no signal comes between the check and the wait.
  sigset_t signals;
  sigemptyset(&signals);
  for (const handled& each : handled_)
    sigaddset(&signals, each.signal);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  wakeup result = wakeup::input;
  for (;;) {
    if (end_signal != 0) {
      result = wakeup::end;
    } else if (interrupt_signal != 0) {
      result = wakeup::interrupt;
    } else if (continued != 0) {
      continued = 0;
      result = wakeup::redraw;
    } else if (resized != 0) {
      resized = 0;
      result = wakeup::resize;
    } else {
      fd_set input;
      FD_ZERO(&input);
      FD_SET(STDIN_FILENO, &input);
      if (::pselect(STDIN_FILENO + 1, &input, nullptr, nullptr, nullptr, &before) < 0 &&
          errno == EINTR) {
        continue;
      }
    }
    break;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

void terminal_signals::forget_interrupt() noexcept {
  interrupt_signal = 0;
}

const volatile std::sig_atomic_t& terminal_signals::interrupt() const noexcept {
  return interrupt_signal;
}

int terminal_signals::end() const noexcept {
  return end_signal;
}
