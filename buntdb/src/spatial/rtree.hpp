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

/// Changes R-trees copy-on-write on behalf of one version: nodes born in an older version are
/// copied before they change and then belong to retired(). A tree is a root, null for an empty one;
/// all rectangles in one have the same number of dimensions.
///
/// insert() and erase() throw std::bad_alloc only. The tree is then still a tree, so that it can be
/// discarded, but its boxes may be larger than they need to be, and the change may be half done.
class rtree_editor {
 public:
  rtree_editor(engine::pool& memory, std::uint64_t version) noexcept
      : memory_(&memory), version_(version) {}

  /// Nodes that the changed trees no longer use, but that readers may see: those of older versions,
  /// and those that were frozen.
  engine::retired_chain& retired() noexcept { return retired_; }
  std::uint64_t retired_count() const noexcept { return retired_count_; }

  /// The entry must not be in the tree already.
  void insert(rtree_node*& root, const rect& where, void* entry);

  /// Takes out the entry that was inserted with this rectangle; false if it is not there.
  bool erase(rtree_node*& root, const rect& where, const void* entry);

  /// An entry, and the rectangle it was or will be inserted with.
  struct placed {
    const rect& where;
    void* entry;
  };
  /// The same as erase() and insert(), but costs less if the rectangle has not moved far. Both have
  /// the same number of dimensions. False, and nothing has changed, if there is no old one.
  bool replace(rtree_node*& root, const placed& old, const placed& made);

  /// From now on, the nodes that exist at this moment are not changed any more: somebody reads
  /// them.
  void freeze() noexcept { ++generation_; }

 private:
  struct step {
    rtree_node* at;
    unsigned index;
  };
  /// From the root to the parent of some node.
  struct node_path {
    std::array<step, rtree_node::max_depth> steps;
    unsigned depth = 0;
  };
  /// What a node must be able to take.
  struct demand {
    unsigned more;  ///< entries
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
