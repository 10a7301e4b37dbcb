#include "spatial/rtree.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "spatial/interval_bits.hpp"
#include "spatial/rtree_choice.hpp"
#include "spatial/rtree_split.hpp"
#include "tree/spare_nodes.hpp"

namespace buntdb::spatial {

namespace {

/// Returns, as bits, the children below which the entry with this box may be.
std::uint32_t candidates(const rtree_node& node, const box& wanted) noexcept {
  std::uint32_t bits = ~std::uint32_t{0};
  for (unsigned d = 0; d < node.dimensions && bits != 0; ++d)
    bits &=
        intervals_reaching(node.mins(d), node.maxs(d), node.count, wanted.min[d], wanted.max[d]);
  for (std::uint32_t left = bits; left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    if (!node.hashes()[i].contains(wanted.hashes)) bits ^= std::uint32_t{1} << i;
  }
  return bits;
}

}  // namespace

rtree_node* rtree_editor::create(const rtree_node::shape& of) {
  rtree_node* made = rtree_node::create(*memory_, version_, of);
  made->generation = generation_;
  return made;
}

void rtree_editor::retire(rtree_node* node) noexcept {
  retired_.push_back(node);
  ++retired_count_;
}

/// Returns the linked node if it may be changed and has the room needed; otherwise replaces it by
/// such a copy.
rtree_node* rtree_editor::own(rtree_node*& link, const demand& needed) {
  rtree_node* old = link;
  const bool mine = owned(old);
  const unsigned count = std::min(old->count + needed.more, rtree_node::max_count);
  const bool fits = count <= old->capacity && !(needed.extents && old->points);
  if (mine && fits) return old;
  rtree_node* copy = create({old->dimensions, old->level, rtree_node::capacity_for(count),
                             old->points && !needed.extents});
  copy->append_all(*old);
  link = copy;
  if (mine) {
    rtree_node::destroy(*memory_, old);
  } else {
    retire(old);
  }
  return copy;
}

void rtree_editor::insert(rtree_node*& root, const rect& where, void* entry) {
  const box added(where, entry);
  const auto dimensions = static_cast<unsigned>(where.dimensions());
  const bool extents = !added.is_point(dimensions);
  if (root == nullptr) {
    root = create({dimensions, 0, rtree_node::capacity_for(1), !extents});
    root->append(added, entry);
    return;
  }
  assert(root->dimensions == dimensions);

  node_path path;
  rtree_node** link = &root;
  box around;
  if (root->level != 0) root->cover(around);
  while ((*link)->level != 0) {
    const unsigned index = choose_child(**link, around, added);
    // The next node is fetched while this one is copied.
    (*link)->prefetch_child(index);
    rtree_node* at = own(*link, {1, false});
    at->read(index, around);
    box extended = around;
    extended.extend(added, dimensions);
    at->put(index, extended, nullptr);
    path.steps[path.depth++] = {at, index};
    link = &at->children()[index];
  }
  rtree_node* at = own(*link, {1, extents});
  if (at->count < at->capacity) {
    at->append(added, entry);
  } else {
    insert_splitting(root, path, at, added, entry);
  }
}

/// Inserts into a full leaf. The boxes on the path have been extended already.
void rtree_editor::insert_splitting(rtree_node*& root, node_path& path, rtree_node* leaf,
                                    const box& added, void* entry) {
  // First everything that can fail: a node for each split. The node above them has room already.
  engine::spare_nodes<rtree_node> spare(*memory_);
  const rtree_node* full = leaf;
  for (unsigned depth = path.depth;;) {
    spare.add(create({full->dimensions, full->level, split_capacity, full->points}));
    if (depth == 0) {
      spare.add(create({full->dimensions, full->level + 1U, rtree_node::capacity_for(2), false}));
      break;
    }
    full = path.steps[--depth].at;
    if (full->count < full->capacity) break;
  }

  rtree_node* left = leaf;
  box surplus = added;
  void* slot = entry;
  for (;;) {
    rtree_node* right = spare.take();
    box around;
    if (path.depth == 0) {
      left->cover(around);
      around.extend(surplus, left->dimensions);
    } else {
      path.steps[path.depth - 1].at->cover(around);
    }
    split(*left, *right, around, surplus, slot);
    box cover;
    left->cover(cover);
    right->cover(surplus);
    slot = right;
    if (path.depth == 0) {
      rtree_node* top = spare.take();
      top->append(cover, left);
      top->append(surplus, right);
      root = top;
      return;
    }
    const step& parent = path.steps[--path.depth];
    parent.at->put(parent.index, cover, nullptr);
    if (parent.at->count < parent.at->capacity) {
      parent.at->append(surplus, slot);
      return;
    }
    left = parent.at;
  }
}

/// Finds the path to the entry. Its last step is the leaf.
bool rtree_editor::find(rtree_node* at, const box& wanted, const void* entry, node_path& path) {
  step& here = path.steps[path.depth++];
  here.at = at;
  if (at->level == 0) {
    void* const* const entries = at->entries();
    here.index = static_cast<unsigned>(std::find(entries, entries + at->count, entry) - entries);
    if (here.index != at->count) return true;
  } else {
    const std::uint32_t bits = candidates(*at, wanted);
    for (std::uint32_t left = bits; left != 0; left &= left - 1)
      at->prefetch_child(static_cast<unsigned>(std::countr_zero(left)));
    for (std::uint32_t left = bits; left != 0; left &= left - 1) {
      here.index = static_cast<unsigned>(std::countr_zero(left));
      if (find(at->children()[here.index], wanted, entry, path)) return true;
    }
  }
  --path.depth;
  return false;
}

/// Makes all nodes on the path to an entry changeable.
void rtree_editor::own(rtree_node*& root, node_path& path, const demand& of_leaf) {
  rtree_node** link = &root;
  for (unsigned depth = 0; depth < path.depth; ++depth) {
    step& here = path.steps[depth];
    const bool is_leaf = here.at->level == 0;
    here.at = own(*link, is_leaf ? of_leaf : demand{0, false});
    if (!is_leaf) link = &here.at->children()[here.index];
  }
}

bool rtree_editor::erase(rtree_node*& root, const rect& where, const void* entry) {
  node_path path;
  const box removed(where, entry);
  if (root == nullptr || root->dimensions != where.dimensions() ||
      !find(root, removed, entry, path)) {
    return false;
  }
  erase_found(root, path, removed);
  return true;
}

void rtree_editor::erase_found(rtree_node*& root, node_path& path, const box& removed) {
  own(root, path, {0, false});
  const step& leaf = path.steps[--path.depth];
  leaf.at->remove(leaf.index);
  repair(root, path, removed);
}

bool rtree_editor::replace(rtree_node*& root, const placed& old, const placed& made) {
  node_path path;
  const box removed(old.where, old.entry);
  if (root == nullptr || root->dimensions != old.where.dimensions() ||
      !find(root, removed, old.entry, path)) {
    return false;
  }
  const unsigned dimensions = root->dimensions;
  const box added(made.where, made.entry);
  if (path.depth > 1) {
    const step& above = path.steps[path.depth - 2];
    box around;
    above.at->read(above.index, around);
    if (!around.contains_sides(added, dimensions)) {
      erase_found(root, path, removed);
      insert(root, made.where, made.entry);
      return true;
    }
  }
  // The entry stays in its leaf, whose box contains the new rectangle.
  own(root, path, {0, !added.is_point(dimensions)});
  const step& leaf = path.steps[--path.depth];
  leaf.at->put(leaf.index, added, made.entry);
  for (; path.depth != 0; --path.depth) {
    const step& place = path.steps[path.depth - 1];
    box before;
    place.at->read(place.index, before);
    box now = before;
    if (before.surrounds(removed, dimensions)) {
      now.extend(added, dimensions);
    } else {
      place.at->children()[place.index]->cover(now);
    }
    if (now.equals(before, dimensions)) break;
    place.at->put(place.index, now, nullptr);
  }
  return true;
}

/// After a leaf lost an entry: joins nodes that have become too small, and shrinks the boxes, from
/// the leaf upward.
void rtree_editor::repair(rtree_node*& root, node_path& path, const box& removed) {
  for (unsigned depth = path.depth; depth != 0; --depth) {
    const step& place = path.steps[depth - 1];
    rtree_node* child = place.at->children()[place.index];
    if (child->count == 0) {
      rtree_node::destroy(*memory_, child);
      place.at->remove(place.index);
      continue;
    }
    if (child->count < rtree_node::min_count && join_with_sibling(place)) continue;
    box before;
    place.at->read(place.index, before);
    // Only the removed box is missing. If it touched no side, the sides do not change.
    if (before.surrounds(removed, child->dimensions)) return;
    box now;
    child->cover(now);
    if (now.equals(before, child->dimensions)) return;
    place.at->put(place.index, now, nullptr);
  }
  while (root->level != 0 && root->count == 1) {
    rtree_node* top = root;
    root = top->children()[0];
    if (owned(top)) {
      rtree_node::destroy(*memory_, top);
    } else {
      retire(top);
    }
  }
  if (root->count == 0) {
    rtree_node::destroy(*memory_, root);
    root = nullptr;
  }
}

/// Moves a node's entries to a sibling that has room for them. Returns false if there is none.
bool rtree_editor::join_with_sibling(const step& place) {
  rtree_node& parent = *place.at;
  rtree_node* small = parent.children()[place.index];
  const unsigned room = rtree_node::max_count * 3 / 4 - small->count;
  const unsigned sibling = choose_sibling(parent, place.index, room);
  if (sibling == place.index) return false;
  rtree_node* larger =
      own(parent.children()[sibling], {small->count, small->level == 0 && !small->points});
  larger->append_all(*small);
  box cover;
  larger->cover(cover);
  parent.put(sibling, cover, nullptr);
  parent.remove(place.index);
  rtree_node::destroy(*memory_, small);
  return true;
}

}  // namespace buntdb::spatial
