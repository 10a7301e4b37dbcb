#include "files/interrupts.hpp"

#include <utility>

#include <pthread.h>

interrupts::interrupts() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // nohup and shells' background jobs ignore them, and that is kept.
    struct sigaction present {};
    sigaction(signal, nullptr, &present);
    if (present.sa_handler != SIG_IGN) sigaddset(&signals_, signal);
  }
  sigaddset(&signals_, SIGUSR1);  // the tool's own signal, to end the thread
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { wait(); });
}

interrupts::~interrupts() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

void interrupts::stop_with(std::function<void()> stop) {
  const std::lock_guard lock(mutex_);
  stop_ = std::move(stop);
}

int interrupts::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void interrupts::wait() {
  for (;;) {
    int signal = 0;
    sigwait(&signals_, &signal);
    const std::lock_guard lock(mutex_);
    if (ends_) return;
    if (signal == SIGUSR1 || received_ != 0) continue;
    if (!stop_) {
      pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
      raise(signal);  // ends the process
    }
    received_ = signal;
    stop_();
  }
}
