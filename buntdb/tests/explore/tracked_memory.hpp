#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "memory_model.hpp"

namespace explore {

/// Replaces the engine's pool. Each block records which threads made, read and freed it. Blocks are
/// returned to the system only with the pool, so that a use after free is detected whatever was
/// allocated since.
///
/// A violation ends the program: a read of a freed block, a free that does not happen after all
/// reads, a read that does not happen after the allocation (so that it reads older content), and a
/// second free. "Happens before" is that of the memory model, not only the order of execution.
class tracked_memory {
 public:
  tracked_memory() = default;
  tracked_memory(const tracked_memory&) = delete;
  tracked_memory& operator=(const tracked_memory&) = delete;

  void* allocate(std::size_t size);
  void deallocate(void* block, std::size_t size) noexcept;

  /// A thread reads the block now.
  static void read(const void* block, const char* what);

  static bool is_freed(const void* block) noexcept;
  std::uint64_t blocks() const noexcept { return blocks_; }  ///< not freed

 private:
  struct header {
    std::size_t size;
    unsigned maker;  ///< a thread
    std::uint32_t made;
    vector_clock reads;  ///< for each thread, when it last read
    bool freed;
  };
  static constexpr std::size_t header_size = (sizeof(header) + 15) / 16 * 16;

  static header& header_of(const void* block) noexcept;

  std::vector<std::unique_ptr<std::byte[]>> storage_;
  std::uint64_t blocks_ = 0;
};

}  // namespace explore
