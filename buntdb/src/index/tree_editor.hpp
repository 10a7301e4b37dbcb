#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "index/definition.hpp"
#include "index/entry.hpp"
#include "memory/pool.hpp"
#include "spatial/rtree.hpp"
#include "tree/retirable.hpp"
#include "tree/tree.hpp"

namespace buntdb::engine {

/// Changes the trees of indexes on behalf of one version.
///
///  1. An item is in an index if and only if its key matches the pattern and its value has what the
///     index needs: a rectangle, or, in a sparse index, something that the first ordering extracts.
///  2. Objects that this version created belong to it alone. All other objects that its trees no
///     longer have are retired.
///
/// Functions throw std::bad_alloc and what user-supplied orderings and rectangle functions throw;
/// the trees can then only be discarded.
class index_tree_editor {
 public:
  index_tree_editor(pool& memory, std::uint64_t version) noexcept
      : memory_(memory), version_(version), ordered_(memory, version), spatial_(memory, version) {}
  index_tree_editor(const index_tree_editor&) = delete;
  index_tree_editor& operator=(const index_tree_editor&) = delete;

  /// Call it after `made` replaced `previous`. Their keys match the index's pattern. Either may be
  /// null, and both must be readable.
  void change(const index_definition& index, std::span<retirable*> roots, item* previous,
              item* made);

  /// Gives up all trees of an index.
  void drop(std::span<retirable*> roots);

  /// From now on, nothing changes in the existing nodes of spatial indexes.
  void freeze() noexcept { spatial_.freeze(); }

  /// Returns what was retired.
  retired_chain take_retired() noexcept;
  std::uint64_t retired_count() const noexcept {
    return retired_count_ + ordered_.retired_count() + spatial_.retired_count();
  }
  void retire(retirable* object) noexcept {
    retired_.push_back(object);
    ++retired_count_;
  }

  /// Frees the parts of the trees that belong to this version only.
  static void discard(pool& memory, std::uint64_t version, std::span<retirable*> roots) noexcept;

 private:
  void change_ordered(const index_definition& index, retirable*& root, item* previous, item* made);
  void change_spatial(const index_definition& index, std::span<retirable*> roots, item* previous,
                      item* made);
  bool insert(retirable*& root, const index_order::probe& probe, item* item);
  void remove(retirable*& root, const index_order::probe& probe, const item* item);
  void remember(retirable*& root, item* item, const rect& where);
  std::optional<rect> forget(retirable*& root, const item* item);
  void erase_entry(node*& root, const cursor& at);
  void dispose(const index_place& place) noexcept;
  bool owned(const retirable* object) const noexcept { return object->born == version_; }
  void drop_shared(retirable* root);
  void drop_owned(retirable* root) noexcept;

  pool& memory_;
  std::uint64_t version_;
  tree_editor ordered_;
  spatial::rtree_editor spatial_;
  retired_chain retired_;  // entries, tables and dropped trees
  std::uint64_t retired_count_ = 0;
  std::string old_sort_key_;
  std::string new_sort_key_;
};

}  // namespace buntdb::engine
