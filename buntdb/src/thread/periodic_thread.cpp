#include "thread/periodic_thread.hpp"

#include <utility>

#include "platform/signals_blocked.hpp"

namespace buntdb::engine {

namespace {

thread_local bool is_periodic = false;

}  // namespace

bool periodic_thread::is_current() noexcept {
  return is_periodic;
}

periodic_thread::periodic_thread(std::function<void()> step, std::chrono::milliseconds pause) {
  const platform::signals_blocked blocked;
  thread_ = std::thread([this, step = std::move(step), pause] { run(step, pause); });
}

void periodic_thread::run(const std::function<void()>& step, std::chrono::milliseconds pause) {
  is_periodic = true;
  mutex_lock lock(mutex_);
  const auto is_stopping = [this]() BUNTDB_REQUIRES(mutex_) { return stopping_; };
  while (!wake_.wait_for(lock.native(), pause, is_stopping)) {
    lock.unlock();
    step();
    lock.lock();
  }
}

void periodic_thread::stop() {
  {
    const mutex_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace buntdb::engine
