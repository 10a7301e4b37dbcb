#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <buntdb/entry.hpp>
#include <buntdb/error.hpp>

#include "engine/item.hpp"
#include "engine/key_order.hpp"
#include "engine/memory.hpp"
#include "engine/retirable.hpp"
#include "order/sequence.hpp"

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
  static index_entry* create(memory& memory, std::uint64_t born, engine::item* item,
                             std::string_view sort_key) {
    check_size(sort_key.size());
    void* block = memory.allocate(allocation_size(sort_key.size()));
    auto* made = ::new (block) index_entry(born, item, sort_key.size());
    if (!sort_key.empty()) {
      std::memcpy(static_cast<char*>(block) + fixed_size, sort_key.data(), sort_key.size());
    }
    return made;
  }
  static void destroy(memory& memory, index_entry* entry) noexcept {
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

/// Entries by sort key, ties by the item's key; or, with an ordering of the user's own in the
/// sequence, as that says.
struct index_order {
  using entry = index_entry;

  /// Where a probe stands among the entries of its own sort key.
  enum class tie { before_all, by_key, after_all };

  struct probe {
    std::string_view sort_key;
    buntdb::entry of;  ///< the value is looked at by orderings of the user's own only
    tie among_equals;
    const order::sequence* order;
  };

  static probe probe_of(const index_entry& entry, const order::sequence& order) noexcept {
    return {entry.sort_key(), entry.of(), tie::by_key, &order};
  }

  static std::uint64_t prefix_of(const probe& probe) noexcept {
    return probe.order->has_custom() ? 0 : key_order::prefix_of(probe.sort_key);
  }

  /// The sort keys alone. Throws what orderings of the user's own throw.
  static int compare_sort_keys(const index_entry& entry, const probe& probe) {
    return probe.order->has_custom()
               ? probe.order->compare(entry.sort_key(), entry.of(), probe.sort_key, probe.of)
               : entry.sort_key().compare(probe.sort_key);
  }

  static int compare(const index_entry& entry, const probe& probe) {
    const int order = compare_sort_keys(entry, probe);
    if (order != 0) return order;
    switch (probe.among_equals) {
      case tie::before_all:
        return 1;
      case tie::after_all:
        return -1;
      case tie::by_key:
        break;
    }
    return entry.item->key().compare(probe.of.key);
  }
};

}  // namespace buntdb::engine
