#include "cleaner.hpp"

#include <random>
#include <utility>

namespace scs::stores::postgres {

cleaner::cleaner(std::chrono::milliseconds every, std::function<bool()> clean)
    : every_(every), clean_(std::move(clean)), thread_([this] { run(); }) {}

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

/// False when it is to stop.
bool cleaner::wait() {
  thread_local std::minstd_rand random{std::random_device{}()};
  const std::chrono::milliseconds pause{
      std::uniform_int_distribution<std::chrono::milliseconds::rep>{
          every_.count() - every_.count() / 2, every_.count() + every_.count() / 2}(random)};
  std::unique_lock lock{mutex_};
  return !stop_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace scs::stores::postgres
