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

/// Adds a span that has room to the list of its class.
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

/// The first chunks are small, so that a small database is small. Later chunks are huge pages.
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
  // First everything that can fail.
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

/// Returns null for the first, small chunks.
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
    without_pages_.push_back(empty.begin);  // capacity was reserved when the chunk was taken
  } else {
    chunk::unmap(empty.begin);
  }
}

/// Returns a span with room for a class that has none.
pool::span* pool::add_span(std::size_t size_class) {
  const bool takes_from_system = free_spans_ == nullptr && fresh_ == fresh_end_;
  span* added = takes_from_system ? cut_sparse_span(size_class) : nullptr;
  if (added == nullptr) {
    added = take_span(size_class);
    link(*added);
  }
  return added;
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
  taken->block_size = static_cast<std::uint16_t>(block_size_of(size_class));
  taken->size_class = static_cast<std::uint16_t>(size_class);
  taken->untouched = sizeof(span);
  return taken;
}

void pool::link_sparse(span& home) noexcept {
  home.previous_sparse = nullptr;
  home.next_sparse = sparse_spans_;
  if (sparse_spans_ != nullptr) sparse_spans_->previous_sparse = &home;
  sparse_spans_ = &home;
  home.in_sparse_list = true;
}

void pool::unlink_sparse(span& home) noexcept {
  (home.previous_sparse == nullptr ? sparse_spans_ : home.previous_sparse->next_sparse) =
      home.next_sparse;
  if (home.next_sparse != nullptr) home.next_sparse->previous_sparse = home.previous_sparse;
  home.in_sparse_list = false;
}

/// Returns the free parts of a span, whatever block size it was cut for.
free_map<pool::span_size> pool::room_in(const span& home) noexcept {
  const auto offset_of = [&home](const void* at) {
    return static_cast<std::size_t>(static_cast<const char*>(at) -
                                    reinterpret_cast<const char*>(&home));
  };
  free_map<span_size> room;
  for (const free_block* at = home.free; at != nullptr; at = at->next)
    room.add(offset_of(at), home.block_size);
  for (const scrap* at = home.scraps; at != nullptr; at = at->next)
    room.add(offset_of(at), at->size);
  room.add(home.untouched, span_size - home.untouched);
  return room;
}

/// Cuts a sparse span into blocks of this class. Returns null if the next few sparse spans have no
/// large free parts.
pool::span* pool::cut_sparse_span(std::size_t size_class) noexcept {
  constexpr int max_looks = 8;
  constexpr std::size_t worthwhile = span_size / 4;
  const std::size_t block_size = block_size_of(size_class);
  for (int looks = 0; looks < max_looks && sparse_spans_ != nullptr; ++looks) {
    span& home = *sparse_spans_;
    unlink_sparse(home);
    if (home.live > home.sparse_at) continue;  // it has filled up since
    const free_map<span_size> room = room_in(home);
    std::size_t usable = 0;
    room.for_each_run(
        [&](std::size_t, std::size_t size) { usable += size / block_size * block_size; });
    if (usable >= worthwhile) {
      cut(home, room, size_class);
      return &home;
    }
    // The level at which it is examined again.
    home.sparse_at = static_cast<std::uint16_t>(home.live / 2);
  }
  return nullptr;
}

/// Cuts a span's free parts into blocks of this class. There must be room for one.
void pool::cut(span& home, const free_map<span_size>& room, std::size_t size_class) noexcept {
  if (!full(home)) unlink(home);
  const std::size_t block_size = block_size_of(size_class);
  home.block_size = static_cast<std::uint16_t>(block_size);
  home.size_class = static_cast<std::uint16_t>(size_class);
  home.untouched = span_size;
  home.cut_anew = true;
  home.sparse_at = 0;
  home.scraps = nullptr;
  free_block** end = &home.free;  // in ascending order, so that they are used in this order
  room.for_each_run([&](std::size_t offset, std::size_t size) {
    char* at = reinterpret_cast<char*>(&home) + offset;
    for (; size >= block_size; size -= block_size, at += block_size) {
      *end = ::new (at) free_block{nullptr};
      end = &(*end)->next;
    }
    if (size >= sizeof(scrap)) home.scraps = ::new (at) scrap{home.scraps, size};
  });
  *end = nullptr;
  link(home);
}

void* pool::take(std::size_t size_class) {
  span* from = with_room_[size_class];
  if (from == nullptr) from = add_span(size_class);
  void* block = from->free;
  if (block != nullptr) {
    from->free = from->free->next;
  } else {
    block = reinterpret_cast<char*>(from) + from->untouched;
    from->untouched = static_cast<std::uint16_t>(from->untouched + from->block_size);
  }
  ++from->live;
  if (full(*from)) {
    unlink(*from);
    from->sparse_at = static_cast<std::uint16_t>(from->live / 2);
  }
  return block;
}

void pool::give_back(void* block, std::size_t size) noexcept {
  span& home = *span_of(block);
  if (home.cut_anew && class_of(size) != home.size_class) {
    const std::size_t extent = block_size_of(class_of(size));
    if (extent >= sizeof(scrap)) home.scraps = ::new (block) scrap{home.scraps, extent};
  } else {
    const bool was_full = full(home);
    home.free = ::new (block) free_block{home.free};
    if (was_full) link(home);
  }
  --home.live;
  if (home.live > home.sparse_at) return;
  if (home.live == 0) {
    if (home.in_sparse_list) unlink_sparse(home);
    if (!full(home)) unlink(home);
    free_span(home);
  } else if (!home.in_sparse_list) {
    link_sparse(home);
  }
}

}  // namespace buntdb::engine
