#include "memory/chunk_supply.hpp"

#include <new>
#include <system_error>

#include "memory/pool.hpp"
#include "platform/processor.hpp"
#include "platform/signals_blocked.hpp"

namespace buntdb::engine {

namespace {

/// A huge page that takes longer than 512 small ones usually do came from a slow host. A machine
/// that has it available clears it in 0.1 ms.
constexpr std::int64_t slow_after = 1'000'000;  // ns
constexpr unsigned max_slow_pages = 2;

}  // namespace

chunk_supply::chunk_supply(pool& pool, std::uint64_t expected_bytes) noexcept
    : pool_(pool), expected_(expected_bytes / chunk::size) {
  if (expected_bytes < worthwhile_bytes || !pool_.pools()) return;
  pool_.set_supply(this);
  if (platform::has_one_processor()) return;
  try {
    const platform::signals_blocked blocked;
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {  // continue as if there were one processor
  } catch (const std::bad_alloc&) {
  }
}

chunk_supply::~chunk_supply() {
  pool_.set_supply(nullptr);
  if (!thread_.joinable()) return;
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  room_.notify_one();
  thread_.join();
  while (ready_count_ != 0)
    chunk::unmap(ready_[--ready_count_].chunk);
}

chunk_supply::supplied chunk_supply::take() {
  std::unique_lock held(mutex_);
  if (ready_count_ == 0) return make(held);
  const supplied taken = ready_[--ready_count_];
  held.unlock();
  room_.notify_one();
  return taken;
}

std::uint64_t chunk_supply::made() const noexcept {
  const std::lock_guard held(mutex_);
  return made_;
}

/// Works without the lock.
chunk_supply::supplied chunk_supply::make(std::unique_lock<std::mutex>& held) {
  ++made_;
  const chunk::pages wanted = pages_;
  held.unlock();
  void* made = chunk::map();
  chunk::prefer(made, wanted);
  // Time without a processor is not attributed to the page.
  const std::int64_t begin = platform::thread_time();
  chunk::populate(made);
  const bool slow = platform::thread_time() - begin > slow_after;
  held.lock();
  if (wanted == chunk::pages::huge) {
    slow_ = slow ? slow_ + 1 : 0;
    if (slow_ == max_slow_pages) pages_ = chunk::pages::small;
  }
  return {made, wanted};
}

void chunk_supply::run() noexcept {
  std::unique_lock held(mutex_);
  try {
    while (!stopping_ && made_ < expected_) {
      if (ready_count_ == max_ready) {
        room_.wait(held);
        continue;
      }
      const supplied made = make(held);
      ready_[ready_count_++] = made;  // there is still room, because other threads only take
    }
  } catch (const std::bad_alloc&) {  // the pool fails by itself if it needs another chunk
  }
}

}  // namespace buntdb::engine
