#include "engine/background.hpp"

#include <utility>

#include "engine/signals_blocked.hpp"

namespace buntdb::engine {

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
