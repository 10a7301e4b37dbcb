#include "memory/pool.hpp"

#include <algorithm>
#include <cstdlib>

#include "memory/chunk_supply.hpp"

namespace buntdb::engine {

namespace {

/// Ensures capacity for one more element, growing geometrically.
void reserve_one(std::vector<void*>& list) {
  if (list.size() == list.capacity()) list.reserve(2 * list.size() + 8);
}

}  // namespace

pool::~pool() {
  for (void* chunk : chunks_)
    chunk::unmap(chunk);
  for (void* beginning : beginnings_)
    std::free(beginning);
}

/// Puts a span that has room into the list of its class.
void pool::link(span& home) noexcept {
  span*& first = with_room_[home.size_class];
  home.previous = nullptr;
  home.next = first;
  if (first != nullptr) first->previous = &home;
  first = &home;
}

void pool::unlink(span& home) noexcept {
  (home.previous == nullptr ? with_room_[home.size_class] : home.previous->next) = home.next;
  if (home.next != nullptr) home.next->previous = home.previous;
}

/// The first chunks are small, so that a small database is; later ones are huge pages.
void pool::add_chunk() {
  const std::size_t size = next_chunk_size_;
  void* added = nullptr;
  if (size == chunk::size) {
    added = take_chunk();
  } else {
    reserve_one(beginnings_);
    added = std::aligned_alloc(size, size);
    if (added == nullptr) throw std::bad_alloc();
    beginnings_.push_back(added);
  }
  reserved_bytes_ += size;
  fresh_ = static_cast<char*>(added);
  fresh_end_ = fresh_ + size;
  next_chunk_size_ = std::min(size * 2, chunk::size);
}

void* pool::take_chunk() {
  // First what can fail.
  reserve_one(chunks_);
  if (supply_ == nullptr) {
    chunks_.push_back(chunk::map());
    chunk::prefer(chunks_.back(), chunk::pages::huge);
    return chunks_.back();
  }
  reserve_one(small_chunks_);
  const chunk_supply::supplied supplied = supply_->take();
  if (supplied.pages == chunk::pages::small) small_chunks_.push_back(supplied.chunk);
  chunks_.push_back(supplied.chunk);
  return supplied.chunk;
}

pool::span* pool::take_span(std::size_t size_class) {
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

void* pool::take(std::size_t size_class) {
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

void pool::give_back(void* block) noexcept {
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
