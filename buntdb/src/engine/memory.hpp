#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace buntdb::engine {

/// The memory of items, nodes and versions, counted, so that tests can see that all of it comes
/// back. Everything is allocated and freed by whoever holds the writer's lock: no other locking.
class memory {
 public:
  memory() = default;
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;

  /// Throws std::bad_alloc.
  void* allocate(std::size_t size) {
    void* block = ::operator new(size);
    bytes_ += size;
    ++blocks_;
    return block;
  }

  void deallocate(void* block, std::size_t size) noexcept {
    bytes_ -= size;
    --blocks_;
    ::operator delete(block);
  }

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint64_t blocks() const noexcept { return blocks_; }

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace buntdb::engine
