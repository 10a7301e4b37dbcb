#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "platform/chunk.hpp"

namespace buntdb::engine {

namespace chunk = platform::chunk;

class pool;

/// Provides a pool with chunks whose pages are already allocated, as long as it lives. Clearing the
/// pages of a large load takes as long as the rest of the load, and many times longer if a virtual
/// machine must first get them from its host. So a thread allocates them ahead of the thread that
/// loads.
///
///  1. At most max_ready chunks are ahead of the pool, and at most `expected` chunks are made in
///     advance. The ones that were not needed are unmapped at the end.
///  2. The pool never waits for the thread: if no chunk is ready, it makes one itself. So
///     everything also works without the thread (if there is only one processor, or if no thread
///     can be started).
///  3. Chunks get huge pages as long as these are allocated quickly. A host that takes back unused
///     memory must provide huge pages again, with 512 page faults of its own for each, but it has
///     left the virtual machine the small pages between others. pool::take_small_chunks() returns
///     the chunks with small pages, so that they can be converted when no thread waits.
class chunk_supply {
 public:
  /// A smaller load ends before a thread could help.
  static constexpr std::uint64_t worthwhile_bytes = std::uint64_t{8} << 20U;
  static constexpr std::size_t max_ready = 4;
  /// The kind of pages that new supplies try first. For tests.
  static inline chunk::pages pages_by_default = chunk::pages::huge;

  struct supplied {
    void* chunk;
    chunk::pages pages;
  };

  /// The pool, which must outlive this, is about to grow by about this many bytes. Does not throw:
  /// if no thread can be started, there is none.
  chunk_supply(pool& pool, std::uint64_t expected_bytes) noexcept;
  chunk_supply(const chunk_supply&) = delete;
  chunk_supply& operator=(const chunk_supply&) = delete;
  ~chunk_supply();

  /// For the pool. Throws std::bad_alloc.
  supplied take();

  /// Returns how many chunks have been made so far. For tests.
  std::uint64_t made() const noexcept;

 private:
  void run() noexcept;
  supplied make(std::unique_lock<std::mutex>& held);

  pool& pool_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::array<supplied, max_ready> ready_{};
  std::size_t ready_count_ = 0;
  const std::uint64_t expected_;  // a number of chunks
  std::uint64_t made_ = 0;
  chunk::pages pages_ = pages_by_default;
  unsigned slow_ = 0;  // consecutive huge pages that were slow
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace buntdb::engine
