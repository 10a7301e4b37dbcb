#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "memory/free_map.hpp"
#include "platform/chunk.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUNTDB_HAS_ASAN 1
#endif
#endif
#ifndef BUNTDB_HAS_ASAN
#define BUNTDB_HAS_ASAN 0
#endif

namespace buntdb::engine {

namespace chunk = platform::chunk;

class chunk_supply;

/// The allocator for items, nodes and versions: blocks from large, aligned chunks that the system
/// is asked to back with huge pages, so that a lookup's two cache misses are not also two TLB
/// misses.
///
///  1. A chunk is divided into spans of 32 KiB, aligned to their size, so that the address of a
///     block determines its span.
///  2. A span contains blocks of one size class. Classes differ by eight bytes, and by larger steps
///     above max_fine_size.
///  3. A span without blocks becomes available to all classes. Blocks over 4 KiB come from the
///     system's allocator.
///  4. Before the pool takes more memory from the system, it cuts a span again of whose blocks at
///     most half are in use, so that memory left by one size serves another. Blocks of the earlier
///     size stay where they are. When they are freed they become scraps, until the span is empty or
///     is cut once more. Only a span that has been full since it was cut is cut again, so the cost
///     per block is small.
///
/// trim() returns chunks without blocks to the system; the destructor returns all of them. The pool
/// is used by the holder of the writer's lock, so it does not need a lock. Under AddressSanitizer
/// every block comes from the system's allocator, so that the sanitizer sees how each is used.
class pool {
 public:
  /// Whether new pools use chunks at all. Tests that make single allocations fail turn it off.
#if defined(__SANITIZE_ADDRESS__) || BUNTDB_HAS_ASAN
  static inline bool pool_by_default = false;
#else
  static inline bool pool_by_default = true;
#endif

  pool() = default;
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  /// Returns a block aligned to eight bytes. Throws std::bad_alloc.
  void* allocate(std::size_t size) {
    void* block = nullptr;
    if (size > pooled_size_max_) {
      block = ::operator new(size);
    } else {
      block = take(class_of(size));
    }
    bytes_ += size;
    ++blocks_;
    return block;
  }

  /// Frees a block. `size` must be the size that was passed to allocate().
  void deallocate(void* block, std::size_t size) noexcept {
    bytes_ -= size;
    --blocks_;
    if (size > pooled_size_max_) {
      ::operator delete(block);
    } else {
      give_back(block, size);
    }
  }

  /// Returns the sum of the sizes of all allocated blocks.
  std::uint64_t bytes() const noexcept {
    return bytes_;
  }
  std::uint64_t blocks() const noexcept {
    return blocks_;
  }

  /// Returns whether blocks come from chunks at all.
  bool pools() const noexcept {
    return pooled_size_max_ != 0;
  }

  /// Takes large chunks from this supply until it is set to null.
  void set_supply(chunk_supply* supply) noexcept {
    supply_ = supply;
  }

  /// Returns up to max_chunks chunks without blocks to the system, and keeps a few. Returns how
  /// many it returned.
  std::size_t trim(std::size_t max_chunks) noexcept;

  /// Returns the chunks that a supply made with small pages, for chunk::make_huge(). Each is
  /// returned once. They stay mapped as long as the pool lives, whatever happens to its blocks:
  /// trim() releases only their pages.
  std::vector<void*> take_small_chunks() noexcept {
    return std::exchange(small_chunks_, {});
  }

  /// Returns how much memory the pool has from the system, without the blocks that are too large
  /// for it.
  std::uint64_t reserved_bytes() const noexcept {
    return reserved_bytes_;
  }

 private:
  static constexpr std::size_t span_size = std::size_t{32} << 10U;
  // Classes are eight bytes apart up to this size.
  static constexpr std::size_t max_fine_size = 1024;
  static constexpr std::size_t fine_classes = max_fine_size / 8 + 1;
  static constexpr std::size_t coarse_step = 128;
  static constexpr std::size_t classes = fine_classes + (4096 - max_fine_size) / coarse_step;

  static constexpr std::size_t spans_in_chunk = chunk::size / span_size;
  static constexpr std::size_t kept_chunks = 4;  // kept without blocks, for later allocations

  struct free_block {
    free_block* next;
  };

  /// A free part of a span that is not one of its blocks.
  struct scrap {
    scrap* next;
    std::size_t size;
  };

  /// The header of each span.
  struct span {
    span* previous;  // in the list of its class, if it has room, or of free spans
    span* next;
    span* previous_sparse;  // in the list of sparse spans, if it is in that list
    span* next_sparse;
    free_block* free;
    scrap* scraps;
    std::uint16_t untouched;  // offset of the first byte that was never allocated
    std::uint16_t block_size;
    std::uint16_t live;  // allocated blocks of any size
    // It is sparse if at most this many are allocated; 0 until it has been full.
    std::uint16_t sparse_at;
    std::uint16_t size_class;
    bool in_sparse_list;
    bool cut_anew;  // blocks of other sizes may be allocated in it
  };
  static_assert(sizeof(span) == 64);

  /// A chunk of full size.
  struct chunk_state {
    char* begin;
    std::size_t free_spans;
    bool keeps_address;  // take_small_chunks() has returned it
  };

  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return size <= max_fine_size ? (size + 7) / 8
                                 : fine_classes + (size - max_fine_size - 1) / coarse_step;
  }
  static constexpr std::size_t block_size_of(std::size_t size_class) noexcept {
    return size_class < fine_classes
               ? (size_class == 0 ? 8 : size_class * 8)
               : max_fine_size + (size_class - fine_classes + 1) * coarse_step;
  }
  static span* span_of(void* block) noexcept {
    return reinterpret_cast<span*>(reinterpret_cast<std::uintptr_t>(block) & ~(span_size - 1));
  }
  static bool full(const span& home) noexcept {
    return home.free == nullptr && home.untouched + home.block_size > span_size;
  }

  void* take(std::size_t size_class);
  void give_back(void* block, std::size_t size) noexcept;
  span* add_span(std::size_t size_class);
  span* take_span(std::size_t size_class);
  void free_span(span& empty) noexcept;
  void unlink_free(span& empty) noexcept;
  span* cut_sparse_span(std::size_t size_class) noexcept;
  void cut(span& home, const free_map<span_size>& room, std::size_t size_class) noexcept;
  static free_map<span_size> room_in(const span& home) noexcept;
  void link_sparse(span& home) noexcept;
  void unlink_sparse(span& home) noexcept;
  chunk_state* chunk_of(void* place) noexcept;
  void give_up(chunk_state& empty) noexcept;
  void add_chunk();
  void* take_chunk();
  void link(span& home) noexcept;
  void unlink(span& home) noexcept;

  const std::size_t pooled_size_max_ = pool_by_default ? 4096 : 0;
  std::array<span*, classes> with_room_{};  // for each class, the spans that have room
  span* free_spans_ = nullptr;
  span* sparse_spans_ = nullptr;      // may include spans that have filled up since
  std::vector<void*> beginnings_;     // the first chunks, smaller than the others
  std::vector<chunk_state> chunks_;   // in ascending order
  std::size_t free_chunks_ = 0;       // how many of chunks_ have no blocks
  std::vector<void*> without_pages_;  // chunks that trim() had to keep; not in chunks_
  std::vector<void*> small_chunks_;   // what take_small_chunks() returns
  chunk_supply* supply_ = nullptr;
  char* fresh_ = nullptr;  // spans of the last chunk that were never used
  char* fresh_end_ = nullptr;
  std::size_t next_chunk_size_ = span_size * 2;
  std::uint64_t reserved_bytes_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace buntdb::engine
