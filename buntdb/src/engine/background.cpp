#include "engine/background.hpp"

#include <utility>

#include <signal.h>

namespace buntdb::engine {

namespace {

/// Signals are the application's: its handlers must not run on our thread.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

background::background(std::function<void()> step, std::chrono::milliseconds pause) {
  const signals_blocked blocked;
  thread_ = std::thread([this, step = std::move(step), pause] { run(step, pause); });
}

void background::run(const std::function<void()>& step, std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    step();
    lock.lock();
  }
}

void background::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace buntdb::engine
