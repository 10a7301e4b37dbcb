#include "memory/pool.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "memory/chunk_supply.hpp"

namespace buntdb::engine {

namespace {

/// Ensures capacity for one more element, growing geometrically.
template <class Element>
void reserve_one(std::vector<Element>& list) {
  if (list.size() == list.capacity()) list.reserve(2 * list.size() + 8);
}

}  // namespace

pool::~pool() {
  for (const chunk_state& chunk : chunks_)
    chunk::unmap(chunk.begin);
  for (void* chunk : without_pages_)
    chunk::unmap(chunk);
  for (void* beginning : beginnings_)
    std::free(beginning);
}

/// Puts a span that has room into the list of its class.
void pool::link(span& home) noexcept {
  span*& first = classes_[home.size_class].with_room;
  home.previous = nullptr;
  home.next = first;
  if (first != nullptr) first->previous = &home;
  first = &home;
}

void pool::unlink(span& home) noexcept {
  (home.previous == nullptr ? classes_[home.size_class].with_room : home.previous->next) =
      home.next;
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
  reserve_one(small_chunks_);
  if (without_pages_.capacity() < chunks_.capacity()) without_pages_.reserve(chunks_.capacity());
  chunk_state made{.begin = nullptr, .free_spans = 0, .keeps_address = false};
  if (!without_pages_.empty()) {
    made.begin = static_cast<char*>(without_pages_.back());
    made.keeps_address = true;
    without_pages_.pop_back();
  } else if (supply_ == nullptr) {
    made.begin = static_cast<char*>(chunk::map());
    chunk::prefer(made.begin, chunk::pages::huge);
  } else {
    const chunk_supply::supplied supplied = supply_->take();
    made.begin = static_cast<char*>(supplied.chunk);
    made.keeps_address = supplied.pages == chunk::pages::small;
    if (made.keeps_address) small_chunks_.push_back(made.begin);
  }
  const auto place = std::upper_bound(
      chunks_.begin(), chunks_.end(), made.begin,
      [](const char* begin, const chunk_state& other) { return begin < other.begin; });
  chunks_.insert(place, made);
  return made.begin;
}

/// Null for the first, small chunks.
pool::chunk_state* pool::chunk_of(void* place) noexcept {
  const auto at = std::upper_bound(
      chunks_.begin(), chunks_.end(), static_cast<char*>(place),
      [](const char* begin, const chunk_state& other) { return begin < other.begin; });
  if (at == chunks_.begin()) return nullptr;
  chunk_state& found = *std::prev(at);
  return static_cast<char*>(place) < found.begin + chunk::size ? &found : nullptr;
}

void pool::free_span(span& empty) noexcept {
  empty.previous = nullptr;
  empty.next = free_spans_;
  if (free_spans_ != nullptr) free_spans_->previous = &empty;
  free_spans_ = &empty;
  chunk_state* const home = chunk_of(&empty);
  if (home != nullptr && ++home->free_spans == spans_in_chunk) ++free_chunks_;
}

void pool::unlink_free(span& empty) noexcept {
  (empty.previous == nullptr ? free_spans_ : empty.previous->next) = empty.next;
  if (empty.next != nullptr) empty.next->previous = empty.previous;
}

std::size_t pool::trim(std::size_t max_chunks) noexcept {
  std::size_t given = 0;
  for (auto at = chunks_.end(); at != chunks_.begin() && given < max_chunks;) {
    if (free_chunks_ <= kept_chunks) break;
    --at;
    if (at->free_spans != spans_in_chunk) continue;
    give_up(*at);
    at = chunks_.erase(at);
    ++given;
  }
  return given;
}

void pool::give_up(chunk_state& empty) noexcept {
  for (std::size_t i = 0; i < spans_in_chunk; ++i)
    unlink_free(*reinterpret_cast<span*>(empty.begin + i * span_size));
  --free_chunks_;
  reserved_bytes_ -= chunk::size;
  if (empty.keeps_address) {
    chunk::drop_pages(empty.begin);
    without_pages_.push_back(empty.begin);  // reserved when the chunk was taken
  } else {
    chunk::unmap(empty.begin);
  }
}

pool::span* pool::take_span(std::size_t size_class) {
  void* place = free_spans_;
  if (place != nullptr) {
    unlink_free(*free_spans_);
    chunk_state* const home = chunk_of(place);
    if (home != nullptr && home->free_spans-- == spans_in_chunk) --free_chunks_;
  } else {
    if (fresh_ == fresh_end_) add_chunk();
    place = fresh_;
    fresh_ += span_size;
  }
  auto* taken = ::new (place) span{};
  taken->block_size = static_cast<std::uint32_t>(block_size_of(size_class));
  taken->size_class = static_cast<std::uint32_t>(size_class);
  taken->untouched = sizeof(span);
  const std::size_t blocks = blocks_in_span(taken->block_size);
  classes_[size_class].blocks += blocks;
  classes_[size_class].unused += blocks;
  return taken;
}

/// Whether a class has room to spare for blocks of another size: some spans' worth, and a good part
/// of its blocks, the more the more of each is wasted.
bool pool::lends(std::size_t size_class, std::size_t block_size) const noexcept {
  const size_class_state& other = classes_[size_class];
  const std::size_t own_size = block_size_of(size_class);
  const std::uint64_t part = own_size <= 2 * block_size ? 16 : own_size <= 4 * block_size ? 4 : 2;
  return other.unused * own_size >= 8 * span_size && other.unused >= other.blocks / part;
}

/// A span of a larger class, with room; null if none has much.
pool::span* pool::borrow(std::size_t size_class) noexcept {
  const std::size_t block_size = block_size_of(size_class);
  std::size_t& last = classes_[size_class].borrows_from;
  if (last != 0 && lends(last, block_size)) return classes_[last].with_room;
  last = 0;
  const std::size_t largest = std::min(8 * block_size, pooled_size_max_);
  for (std::size_t other = size_class + 1; other <= class_of(largest); ++other) {
    if (!lends(other, block_size)) continue;
    last = other;
    return classes_[other].with_room;
  }
  return nullptr;
}

void* pool::take(std::size_t size_class) {
  span* from = classes_[size_class].with_room;
  if (from == nullptr) from = borrow(size_class);
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
  --classes_[from->size_class].unused;
  if (full(*from)) unlink(*from);
  return block;
}

void pool::give_back(void* block) noexcept {
  span& home = *span_of(block);
  size_class_state& of = classes_[home.size_class];
  const bool was_full = full(home);
  home.free = ::new (block) free_block{home.free};
  ++of.unused;
  if (was_full) link(home);
  if (--home.live == 0) {
    unlink(home);
    const std::size_t blocks = blocks_in_span(home.block_size);
    of.blocks -= blocks;
    of.unused -= blocks;
    free_span(home);
  }
}

}  // namespace buntdb::engine
