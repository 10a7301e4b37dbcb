#include "platform/fork_guard.hpp"

#include <atomic>

#include <pthread.h>

namespace buntdb::platform {

namespace {

std::atomic<unsigned> generation{0};

void count_fork() {
  generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

fork_guard::fork_guard() noexcept {
  static const int registered = pthread_atfork(nullptr, nullptr, count_fork);
  static_cast<void>(registered);
  generation_ = generation.load(std::memory_order_relaxed);
}

bool fork_guard::forked() const noexcept {
  return generation_ != generation.load(std::memory_order_relaxed);
}

}  // namespace buntdb::platform
