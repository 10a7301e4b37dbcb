#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "engine/index_catalog.hpp"
#include "engine/memory.hpp"
#include "engine/retirable.hpp"

namespace buntdb::engine {

/// The roots of a version's indexes; a version in which none of them changed has its predecessor's.
/// They follow the fixed part, as many as the catalog has slots: a node of an ordered index, an
/// rtree_node of a spatial one, or null.
struct index_table : retirable {
  shared_catalog catalog;

  std::span<retirable*> roots() noexcept {
    return {reinterpret_cast<retirable**>(this + 1), catalog->slots()};
  }
  std::span<retirable* const> roots() const noexcept {
    return {reinterpret_cast<retirable* const*>(this + 1), catalog->slots()};
  }
  std::span<retirable*> roots_of(const index_catalog::placed& index) noexcept {
    return roots().subspan(index.slot, index.definition->slots());
  }
  std::span<retirable* const> roots_of(const index_catalog::placed& index) const noexcept {
    return roots().subspan(index.slot, index.definition->slots());
  }

  /// All roots null. Throws std::bad_alloc.
  static index_table* create(memory& memory, std::uint64_t born, shared_catalog catalog);
  static void destroy(memory& memory, index_table* table) noexcept;

 private:
  index_table(std::uint64_t version, shared_catalog of) noexcept
      : retirable(kind::index_table, version), catalog(std::move(of)) {}
};

}  // namespace buntdb::engine
