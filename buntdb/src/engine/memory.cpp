#include "engine/memory.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/mman.h>

namespace buntdb::engine {

memory::~memory() {
  for (void* chunk : chunks_)
    std::free(chunk);
}

/// Puts a span that has room into the list of its class.
void memory::link(span& home) noexcept {
  span*& first = with_room_[home.size_class];
  home.previous = nullptr;
  home.next = first;
  if (first != nullptr) first->previous = &home;
  first = &home;
}

void memory::unlink(span& home) noexcept {
  (home.previous == nullptr ? with_room_[home.size_class] : home.previous->next) = home.next;
  if (home.next != nullptr) home.next->previous = home.previous;
}

/// The first chunks are small, so that a small database is; later ones are huge pages.
void memory::add_chunk() {
  const std::size_t size = next_chunk_size_;
  chunks_.reserve(chunks_.size() + 1);
  void* chunk = std::aligned_alloc(size, size);
  if (chunk == nullptr) throw std::bad_alloc();
  // A wish; where it is not granted everything works, slower.
  if (size == chunk_size_max) static_cast<void>(::madvise(chunk, size, MADV_HUGEPAGE));
  chunks_.push_back(chunk);
  reserved_bytes_ += size;
  fresh_ = static_cast<char*>(chunk);
  fresh_end_ = fresh_ + size;
  next_chunk_size_ = std::min(size * 2, chunk_size_max);
}

memory::span* memory::take_span(std::size_t size_class) {
  void* place = free_spans_;
  if (place != nullptr) {
    free_spans_ = free_spans_->next;
  } else {
    if (fresh_ == fresh_end_) add_chunk();
    place = fresh_;
    fresh_ += span_size;
  }
  auto* taken = ::new (place) span{};
  taken->block_size = static_cast<std::uint32_t>(block_size_of(size_class));
  taken->size_class = static_cast<std::uint32_t>(size_class);
  taken->untouched = sizeof(span);
  return taken;
}

void* memory::take(std::size_t size_class) {
  span* from = with_room_[size_class];
  if (from == nullptr) {
    from = take_span(size_class);
    link(*from);
  }
  void* block = from->free;
  if (block != nullptr) {
    from->free = from->free->next;
  } else {
    block = reinterpret_cast<char*>(from) + from->untouched;
    from->untouched += from->block_size;
  }
  ++from->live;
  if (full(*from)) unlink(*from);
  return block;
}

void memory::give_back(void* block) noexcept {
  span& home = *span_of(block);
  const bool was_full = full(home);
  home.free = ::new (block) free_block{home.free};
  if (was_full) link(home);
  if (--home.live == 0) {
    unlink(home);
    home.next = free_spans_;
    free_spans_ = &home;
  }
}

}  // namespace buntdb::engine
