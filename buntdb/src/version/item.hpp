#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <buntdb/clock.hpp>

#include "memory/pool.hpp"

namespace buntdb::engine {

/// The links of an intrusive, circular, doubly linked list. Only writers read and write them.
struct list_link {
  list_link* previous = nullptr;
  list_link* next = nullptr;
};

/// A key, its value and its expiry, in one allocation. Immutable once published, except for the
/// links, which readers never read.
///
/// The bytes of the key and of the value follow the fixed part without padding. If the key's length
/// does not fit in 16 bits, which only a file of another program can contain, the length precedes
/// the key. `born` is the number of the version that created the item. It has 48 bits, enough for
/// nine years of a million commits a second. The revision is the version in which the value was
/// set, which is nearly always `born`. An item that was created because only its expiry changed
/// stores the revision after the value.
struct item : list_link {
  static constexpr std::int64_t no_expiry = std::numeric_limits<std::int64_t>::max();

  std::uint64_t born : 48;
  std::uint64_t short_key_size : 16;  ///< or long_key
  std::int64_t expires;               ///< nanoseconds since 1970, or no_expiry
  std::uint32_t value_size : 31;
  std::uint32_t has_own_revision : 1;

  std::string_view key() const noexcept {
    if (short_key_size != long_key) [[likely]]
      return {bytes(), short_key_size};
    std::uint32_t size = 0;
    std::memcpy(&size, bytes(), sizeof size);
    return {bytes() + sizeof size, size};
  }
  std::string_view value() const noexcept {
    const std::string_view before = key();
    return {before.data() + before.size(), value_size};
  }
  bool expired(time_point now) const noexcept { return expires <= now.time_since_epoch().count(); }

  std::uint64_t revision() const noexcept {
    std::uint64_t number = born;
    if (has_own_revision) std::memcpy(&number, value().data() + value_size, sizeof number);
    return number;
  }

  /// Throws std::bad_alloc. The views may point into other items.
  static item* create(pool& memory, std::uint64_t born, std::string_view key,
                      std::string_view value, std::int64_t expires, std::uint64_t revision);
  static item* create(pool& memory, std::uint64_t born, std::string_view key,
                      std::string_view value, std::int64_t expires) {
    return create(memory, born, key, value, expires, born);
  }
  static void destroy(pool& memory, item* item) noexcept;

  /// Returns the size of everything after the fixed part: the key, the value, and the length or
  /// revision that may be stored with them.
  std::size_t size() const noexcept {
    return stored_key_size(key().size()) + value_size +
           (has_own_revision ? sizeof(std::uint64_t) : 0);
  }

 private:
  static constexpr std::uint16_t long_key = 0xffff;

  static constexpr std::size_t stored_key_size(std::size_t key_size) noexcept {
    return key_size + (key_size < long_key ? 0 : sizeof(std::uint32_t));
  }
  // Not sizeof(item): the bytes begin where the last member ends, before the padding.
  static constexpr std::size_t fixed_size = 36;
  static constexpr std::size_t allocation_size(std::size_t bytes) noexcept {
    return std::max(fixed_size + bytes, sizeof(list_link) + 24);
  }
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this) + fixed_size; }
};

inline item* item::create(pool& memory, std::uint64_t born, std::string_view key,
                          std::string_view value, std::int64_t expires, std::uint64_t revision) {
  const bool own_revision = revision != born;
  const std::size_t size =
      stored_key_size(key.size()) + value.size() + (own_revision ? sizeof revision : 0);
  void* block = memory.allocate(allocation_size(size));
  auto* made = ::new (block) item;
  made->born = born & ((std::uint64_t{1} << 48U) - 1);
  const bool is_long = key.size() >= long_key;
  made->short_key_size = is_long ? long_key : static_cast<std::uint16_t>(key.size());
  made->expires = expires;
  made->value_size = static_cast<std::uint32_t>(value.size()) & 0x7fffffffU;
  made->has_own_revision = own_revision ? 1 : 0;
  char* bytes = static_cast<char*>(block) + fixed_size;
  if (is_long) {
    const auto key_size = static_cast<std::uint32_t>(key.size());
    std::memcpy(bytes, &key_size, sizeof key_size);
    bytes += sizeof key_size;
  }
  if (!key.empty()) std::memcpy(bytes, key.data(), key.size());
  if (!value.empty()) std::memcpy(bytes + key.size(), value.data(), value.size());
  if (own_revision) std::memcpy(bytes + key.size() + value.size(), &revision, sizeof revision);
  return made;
}

inline void item::destroy(pool& memory, item* item) noexcept {
  memory.deallocate(item, allocation_size(item->size()));
}

static_assert(sizeof(item) == 40, "the fixed part of an item is 36 bytes and 4 of padding");

/// A circular list of items, closed by the list object itself.
class item_list {
 public:
  item_list() noexcept { clear(); }
  item_list(const item_list&) = delete;
  item_list& operator=(const item_list&) = delete;

  bool empty() const noexcept { return end_.next == &end_; }
  item* front() const noexcept { return static_cast<item*>(end_.next); }
  item* back() const noexcept { return static_cast<item*>(end_.previous); }
  list_link* begin() const noexcept { return end_.next; }
  const list_link* end() const noexcept { return &end_; }

  void push_back(item* item) noexcept {
    item->previous = end_.previous;
    item->next = &end_;
    end_.previous->next = item;
    end_.previous = item;
  }

  /// Removes the item from the list that it is in.
  static void unlink(item* item) noexcept {
    item->previous->next = item->next;
    item->next->previous = item->previous;
    item->previous = item->next = nullptr;
  }

  // NOLINTNEXTLINE(readability-make-member-function-const): it changes the list
  item* pop_front() noexcept {
    item* first = front();
    unlink(first);
    return first;
  }

  /// Moves all items of `other` to the end of this list, in order.
  void splice_back(item_list& other) noexcept {
    if (other.empty()) return;
    other.end_.next->previous = end_.previous;
    end_.previous->next = other.end_.next;
    other.end_.previous->next = &end_;
    end_.previous = other.end_.previous;
    other.clear();
  }

 private:
  void clear() noexcept { end_.previous = end_.next = &end_; }

  list_link end_;
};

/// Items that are in no list any more and are to be freed. They are linked through `next` only.
class item_chain {
 public:
  bool empty() const noexcept { return first_ == nullptr; }

  void push_back(item* item) noexcept {
    item->next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = item;
    last_ = item;
  }

  item* front() const noexcept { return static_cast<item*>(first_); }

  item* pop_front() noexcept {
    item* first = front();
    first_ = first->next;
    if (first_ == nullptr) last_ = nullptr;
    return first;
  }

 private:
  list_link* first_ = nullptr;
  list_link* last_ = nullptr;
};

}  // namespace buntdb::engine
