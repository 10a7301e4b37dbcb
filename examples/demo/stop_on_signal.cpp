#include "stop_on_signal.hpp"

#include <cstdlib>
#include <utility>

#include <pthread.h>

stop_on_signal::stop_on_signal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

stop_on_signal::~stop_on_signal() {
  finish();
}

void stop_on_signal::start(std::function<void()> stop) {
  stop_ = std::move(stop);
  thread_ = std::thread([this] { wait(); });
}

void stop_on_signal::finish() {
  if (!thread_.joinable()) return;
  finished_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);  // only this thread gets it: ends its sigwait
  thread_.join();
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

void stop_on_signal::wait() {
  int signal = 0;
  sigwait(&signals_, &signal);
  if (finished_) return;
  stop_();
  sigwait(&signals_, &signal);
  if (!finished_) std::_Exit(128 + signal);
}
