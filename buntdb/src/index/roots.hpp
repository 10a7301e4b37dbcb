#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "index/catalog.hpp"
#include "memory/pool.hpp"
#include "tree/retirable.hpp"

namespace buntdb::engine {

/// The roots of a version's indexes. A version in which none of them changed shares its
/// predecessor's. The root pointers follow the fixed part; the catalog says how many there are.
/// Each points to a node of an ordered index or to an rtree_node of a spatial one, or is null.
struct index_roots : retirable {
  shared_catalog catalog;

  std::span<retirable*> roots() noexcept {
    return {reinterpret_cast<retirable**>(this + 1), catalog->root_count()};
  }
  std::span<retirable* const> roots() const noexcept {
    return {reinterpret_cast<retirable* const*>(this + 1), catalog->root_count()};
  }
  std::span<retirable*> roots_of(const index_catalog::placed& index) noexcept {
    return roots().subspan(index.first_root, index.definition->root_count());
  }
  std::span<retirable* const> roots_of(const index_catalog::placed& index) const noexcept {
    return roots().subspan(index.first_root, index.definition->root_count());
  }

  /// Makes roots that are all null. Throws std::bad_alloc.
  static index_roots* create(pool& memory, std::uint64_t born, shared_catalog catalog);
  static void destroy(pool& memory, index_roots* table) noexcept;

 private:
  index_roots(std::uint64_t version, shared_catalog of) noexcept
      : retirable(kind::index_roots, version), catalog(std::move(of)) {}
};

}  // namespace buntdb::engine
