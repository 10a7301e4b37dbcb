#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <buntdb/rect.hpp>

#include "memory/pool.hpp"
#include "spatial/rtree_cursors.hpp"
#include "spatial/rtree_load.hpp"
#include "spatial/rtree_node.hpp"
#include "tree/retirable.hpp"

namespace buntdb::spatial {

/// Changes R-trees copy-on-write on behalf of one version. Nodes of older versions are copied
/// before they change; the old nodes are added to retired(). A tree is a root, which is null if the
/// tree is empty. All rectangles in a tree have the same number of dimensions.
///
/// insert() and erase() throw only std::bad_alloc. The tree is then still a valid tree that can be
/// discarded, but its boxes may be larger than necessary, and the change may be half done.
class rtree_editor {
 public:
  rtree_editor(engine::pool& memory, std::uint64_t version) noexcept
      : memory_(&memory), version_(version) {}

  /// Returns the nodes that the changed trees no longer use but that readers may see: those of
  /// older versions, and those that were frozen.
  engine::retired_chain& retired() noexcept { return retired_; }
  std::uint64_t retired_count() const noexcept { return retired_count_; }

  /// The entry must not be in the tree already.
  void insert(rtree_node*& root, const rect& where, void* entry);

  /// Removes the entry that was inserted with this rectangle. Returns false if it is not there.
  bool erase(rtree_node*& root, const rect& where, const void* entry);

  /// An entry and its rectangle.
  struct placed {
    const rect& where;
    void* entry;
  };
  /// Does the same as erase() and insert(), but costs less if the rectangle has not moved far. Both
  /// rectangles must have the same number of dimensions. If the old entry is not there, returns
  /// false and changes nothing.
  bool replace(rtree_node*& root, const placed& old, const placed& made);

  /// From now on, the present nodes are not changed any more, because a range reads them.
  void freeze() noexcept { ++generation_; }

 private:
  struct step {
    rtree_node* at;
    unsigned index;
  };
  /// The path from the root to the parent of a node.
  struct node_path {
    std::array<step, rtree_node::max_depth> steps;
    unsigned depth = 0;
  };
  /// What a node must have room for.
  struct demand {
    unsigned more;  ///< additional entries
    bool extents;
  };

  bool owned(const rtree_node* node) const noexcept {
    return node->born == version_ && node->generation == generation_;
  }
  rtree_node* create(const rtree_node::shape& of);
  rtree_node* own(rtree_node*& link, const demand& needed);
  void retire(rtree_node* node) noexcept;
  void insert_splitting(rtree_node*& root, node_path& path, rtree_node* leaf, const box& added,
                        void* entry);
  static bool find(rtree_node* at, const box& wanted, const void* entry, node_path& path);
  void own(rtree_node*& root, node_path& path, const demand& of_leaf);
  void erase_found(rtree_node*& root, node_path& path, const box& removed);
  void repair(rtree_node*& root, node_path& path, const box& removed);
  bool join_with_sibling(const step& place);

  engine::pool* memory_;
  std::uint64_t version_;
  std::uint32_t generation_ = 0;
  engine::retired_chain retired_;
  std::uint64_t retired_count_ = 0;
};

}  // namespace buntdb::spatial
