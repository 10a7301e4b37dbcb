#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "memory/chunk.hpp"

namespace buntdb::engine {

class pool;

/// For as long as it lives, gives a pool its chunks with their pages already there. Clearing the
/// pages of a large load takes as long as the rest of it, and many times as long where a virtual
/// machine first has to get them from its host; so a thread does it ahead of the one that loads.
///
///  1. No more than max_ready chunks are ahead of the pool, and no more than `expected` are made in
///     advance; those that it did not need are given back at the end.
///  2. The pool never waits for the thread: if no chunk is ready, it makes one itself. So without
///     the thread (one processor, or none to be had) everything works, too.
///  3. Chunks get huge pages as long as those come quickly. A host that takes back unused memory
///     gives huge pages anew, 512 faults of its own for each, but has left the machine the
///     small ones that lie between others. memory::take_small_chunks() says which got small
///     pages, so that somebody makes them huge when nobody waits.
class chunk_supply {
 public:
  /// Loads below that are over before a thread would be of use.
  static constexpr std::uint64_t worthwhile_bytes = std::uint64_t{8} << 20U;
  static constexpr std::size_t max_ready = 4;
  /// What those made from now on try first. For tests.
  static inline chunk::pages pages_by_default = chunk::pages::huge;

  struct supplied {
    void* chunk;
    chunk::pages pages;
  };

  /// The pool, which must outlive this, is about to grow by about so many bytes. Throws nothing: if
  /// there is no thread to be had, there is none.
  chunk_supply(pool& pool, std::uint64_t expected_bytes) noexcept;
  chunk_supply(const chunk_supply&) = delete;
  chunk_supply& operator=(const chunk_supply&) = delete;
  ~chunk_supply();

  /// For the pool. Throws std::bad_alloc.
  supplied take();

  /// How many chunks have been made so far. For tests.
  std::uint64_t made() const noexcept;

 private:
  void run() noexcept;
  supplied make(std::unique_lock<std::mutex>& held);

  pool& pool_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::array<supplied, max_ready> ready_{};
  std::size_t ready_count_ = 0;
  const std::uint64_t expected_;  // chunks
  std::uint64_t made_ = 0;
  chunk::pages pages_ = pages_by_default;
  unsigned slow_ = 0;  // huge pages in a row that came slowly
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace buntdb::engine
