#include "postgres/cleaner.hpp"

#include <csignal>
#include <random>
#include <utility>

#include <pthread.h>

namespace scs::stores::postgres_detail {

namespace {

/// Blocks signals while a thread is started, because the thread inherits that. Signals are meant
/// for threads that handle them, and one that ends the program by default must not be delivered to
/// this thread.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

cleaner::cleaner(std::chrono::milliseconds every, std::function<bool()> clean)
    : every_(every), clean_(std::move(clean)) {
  const signals_blocked blocked;
  thread_ = std::thread([this] { run(); });
}

cleaner::~cleaner() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void cleaner::run() {
  while (wait()) {
    while (clean_()) {
      const std::lock_guard lock{mutex_};
      if (stopping_) return;
    }
  }
}

/// Returns false when the thread is to stop.
bool cleaner::wait() {
  thread_local std::minstd_rand random{std::random_device{}()};
  const std::chrono::milliseconds pause{
      std::uniform_int_distribution<std::chrono::milliseconds::rep>{
          every_.count() - every_.count() / 2, every_.count() + every_.count() / 2}(random)};
  std::unique_lock lock{mutex_};
  return !stop_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace scs::stores::postgres_detail
