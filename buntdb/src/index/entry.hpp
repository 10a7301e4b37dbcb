#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <buntdb/entry.hpp>
#include <buntdb/error.hpp>

#include "index/definition.hpp"
#include "memory/pool.hpp"
#include "tree/retirable.hpp"
#include "version/item.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

/// The entry of an item in an ordered index: its sort key, which is computed once, when the item is
/// set. The bytes of the sort key follow the fixed part. The entry lives as long as the item is in
/// the index.
struct index_entry : retirable {
  engine::item* item;
  std::uint32_t sort_key_size;

  std::string_view sort_key() const noexcept {
    return {reinterpret_cast<const char*>(this) + fixed_size, sort_key_size};
  }
  buntdb::entry of() const noexcept { return {item->key(), item->value()}; }

  /// Throws errc::too_large if an index cannot hold a sort key of this size.
  static void check_size(std::size_t sort_key_size) {
    if (sort_key_size <= std::numeric_limits<std::uint32_t>::max()) return;
    throw error(errc::too_large, "what an index is to order an item by has " +
                                     std::to_string(sort_key_size) +
                                     " bytes: at most 4 GiB less one byte");
  }

  /// Throws std::bad_alloc, errc::too_large.
  static index_entry* create(pool& memory, std::uint64_t born, engine::item* item,
                             std::string_view sort_key) {
    check_size(sort_key.size());
    void* block = memory.allocate(allocation_size(sort_key.size()));
    auto* made = ::new (block) index_entry(born, item, sort_key.size());
    if (!sort_key.empty()) {
      std::memcpy(static_cast<char*>(block) + fixed_size, sort_key.data(), sort_key.size());
    }
    return made;
  }
  static void destroy(pool& memory, index_entry* entry) noexcept {
    memory.deallocate(entry, allocation_size(entry->sort_key_size));
  }

 private:
  // Not sizeof: the bytes begin before the padding.
  static constexpr std::size_t fixed_size =
      sizeof(retirable) + sizeof(engine::item*) + sizeof(std::uint32_t);

  static std::size_t allocation_size(std::size_t sort_key_size) noexcept {
    return std::max(fixed_size + sort_key_size, sizeof(index_entry));
  }

  index_entry(std::uint64_t version, engine::item* of_item, std::size_t size) noexcept
      : retirable(kind::index_entry, version),
        item(of_item),
        sort_key_size(static_cast<std::uint32_t>(size)) {}
};

/// A place in the tree of an ordered index. There is no object of this class: its address is the
/// pointer that a node of the tree stores. That is the address of an entry, or, in an index that
/// keeps no sort keys, the address of the item itself with the lowest bit set.
class index_place {
 public:
  static index_place& of(index_entry& entry) noexcept { return at(address_of(&entry)); }
  static index_place& of(engine::item& item) noexcept { return at(address_of(&item) | item_mark); }

  /// Returns null in an index that keeps no sort keys.
  index_entry* entry() const noexcept {
    return is_item() ? nullptr : reinterpret_cast<index_entry*>(address_of(this));
  }
  engine::item* item() const noexcept {
    return is_item() ? reinterpret_cast<engine::item*>(address_of(this) & ~item_mark)
                     : entry()->item;
  }
  /// Returns the sort key. If it is not kept, it is computed into `scratch`. Valid as long as the
  /// place and `scratch`. Throws std::bad_alloc, and what sort key functions throw.
  std::string_view sort_key(const index_definition& index, std::string& scratch) const {
    if (!is_item()) return entry()->sort_key();
    scratch.clear();
    index.order.append_sort_key(of(), scratch);
    return scratch;
  }
  buntdb::entry of() const noexcept { return {item()->key(), item()->value()}; }

 private:
  static constexpr std::uintptr_t item_mark = 1;

  static std::uintptr_t address_of(const void* pointer) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer);
  }
  static index_place& at(std::uintptr_t address) noexcept {
    return *reinterpret_cast<index_place*>(address);
  }
  bool is_item() const noexcept { return (address_of(this) & item_mark) != 0; }
};

/// Orders places by sort key and then by the item's key. If the list contains a user-supplied
/// ordering, the list compares them.
struct index_order {
  using entry = index_place;

  /// The position of a probe among the entries that have its sort key.
  enum class tie { before_all, by_key, after_all };

  struct probe {
    std::string_view sort_key;
    buntdb::entry of;  ///< only user-supplied orderings use the value
    tie among_equals;
    const index_definition* index;
  };

  /// Returns the first eight bytes of the sort key followed by the item's key, so that many items
  /// with the same sort key can be compared without reading them. The beginning that all keys of
  /// the index share is omitted.
  ///
  /// The sort key is terminated by 0; inside it, 0 is escaped as 1 1 and 1 as 1 2, so that a
  /// shorter key sorts before any longer key that begins with it.
  static std::uint64_t prefix_of(const probe& probe) noexcept {
    if (probe.index->order.has_custom()) return 0;
    std::uint64_t prefix = key_order::prefix_of(probe.sort_key);
    if (probe.sort_key.size() >= sizeof prefix && !has_byte_below_two(prefix)) return prefix;
    prefix = 0;
    unsigned room = sizeof prefix;
    const auto append = [&](unsigned char byte) {
      if (room == 0) return;
      prefix = prefix << 8U | byte;
      --room;
    };
    for (const char c : probe.sort_key) {
      if (room == 0) return prefix;
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 2) append(1);
      append(byte < 2 ? static_cast<unsigned char>(byte + 1) : byte);
    }
    append(0);
    std::string_view rest;
    if (probe.among_equals == tie::by_key) {
      const std::size_t shared = probe.index->key_beginning().size();
      if (shared < probe.of.key.size()) rest = probe.of.key.substr(shared);
    }
    const unsigned char filling = probe.among_equals == tie::after_all ? 0xff : 0;
    for (const char c : rest.substr(0, room))
      append(static_cast<unsigned char>(c));
    while (room != 0)
      append(filling);
    return prefix;
  }

  /// Compares the sort keys only. Throws what user-supplied orderings throw.
  static int compare_sort_keys(const index_place& place, const probe& probe) {
    std::string scratch;
    const std::string_view sort_key = place.sort_key(*probe.index, scratch);
    const order::ordering_list& order = probe.index->order;
    return order.has_custom() ? order.compare(sort_key, place.of(), probe.sort_key, probe.of)
                              : sort_key.compare(probe.sort_key);
  }

  static int compare(const index_place& place, const probe& probe) {
    const int order = compare_sort_keys(place, probe);
    if (order != 0) return order;
    switch (probe.among_equals) {
      case tie::before_all:
        return 1;
      case tie::after_all:
        return -1;
      case tie::by_key:
        break;
    }
    return place.item()->key().compare(probe.of.key);
  }

 private:
  static constexpr bool has_byte_below_two(std::uint64_t bytes) noexcept {
    return ((bytes - 0x0202020202020202U) & ~bytes & 0x8080808080808080U) != 0;
  }
};

}  // namespace buntdb::engine
