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

/// An item's place in an ordered index: the sort key, computed once, when the item was set. The
/// bytes of the sort key follow the fixed part. It lives as long as the item is in the index.
struct index_entry : retirable {
  engine::item* item;
  std::uint32_t sort_key_size;

  std::string_view sort_key() const noexcept {
    return {reinterpret_cast<const char*>(this) + fixed_size, sort_key_size};
  }
  buntdb::entry of() const noexcept { return {item->key(), item->value()}; }

  /// Throws errc::too_large if an index cannot hold a sort key of that size.
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

/// A place in the tree of an ordered index. It is never an object: its address is what the nodes of
/// the tree carry, which is that of an entry, or, in an index that keeps no sort keys, that of the
/// item itself with the lowest bit set.
class index_place {
 public:
  static index_place& of(index_entry& entry) noexcept { return at(address_of(&entry)); }
  static index_place& of(engine::item& item) noexcept { return at(address_of(&item) | item_mark); }

  /// Null in an index that keeps no sort keys.
  index_entry* entry() const noexcept {
    return is_item() ? nullptr : reinterpret_cast<index_entry*>(address_of(this));
  }
  engine::item* item() const noexcept {
    return is_item() ? reinterpret_cast<engine::item*>(address_of(this) & ~item_mark)
                     : entry()->item;
  }
  /// Valid as long as the place and `scratch`, which it is computed into if it is not kept. Throws
  /// std::bad_alloc.
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

/// Places by sort key, ties by the item's key; or, with a user-supplied ordering in the
/// sequence, as that says.
struct index_order {
  using entry = index_place;

  /// Where a probe stands among the entries of its own sort key.
  enum class tie { before_all, by_key, after_all };

  struct probe {
    std::string_view sort_key;
    buntdb::entry of;  ///< the value is looked at by user-supplied orderings only
    tie among_equals;
    const index_definition* index;
  };

  /// The first eight bytes of the sort key and, if that is short, of the item's key after it, so
  /// that many items of one sort key are told apart without looking at them. What all keys of the
  /// index begin with is left out.
  ///
  /// The sort key is terminated by 0; inside it, 0 is escaped as 1 1 and 1 as 1 2, so that a
  /// shorter key comes before any longer one that begins with it.
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

  /// The sort keys alone. Throws what user-supplied orderings throw.
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
