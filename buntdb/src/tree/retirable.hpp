#pragma once

#include <cstdint>

#include "memory/pool.hpp"
#include "tree/chain.hpp"

namespace buntdb::engine {

/// An object, other than an item, that a version can share with its predecessor, and that readers
/// may still see after a later version has given it up. The reclaimer keeps objects of all kinds in
/// chains.
struct retirable {
  enum class kind : std::uint8_t {
    node,          ///< of an ordered tree: tree/node.hpp
    rtree_node,    ///< of a spatial index: spatial/rtree_node.hpp
    index_entry,   ///< index/entry.hpp
    index_roots,   ///< index/roots.hpp
    dropped_tree,  ///< tree/dropped_tree.hpp
  };

  retirable* next_retired = nullptr;
  std::uint64_t born : 56;        ///< the version that created it
  std::uint64_t type_number : 8;  ///< a kind

  retirable(kind is_a, std::uint64_t version) noexcept
      : born(version & ((std::uint64_t{1} << 56U) - 1)),
        type_number(static_cast<std::uint8_t>(is_a)) {}

  kind type() const noexcept { return static_cast<kind>(type_number); }
};

using retired_chain = chain<retirable, &retirable::next_retired>;

}  // namespace buntdb::engine
