#include "tree/tree.hpp"

namespace buntdb::engine {

/// Makes the linked node this version's own. If it is copied, the copy has room for `extra` more
/// entries.
node* tree_editor::own(node*& link, unsigned extra) {
  if (owned(link)) return link;
  node* old = link;
  node* copy = node::create(*memory_, version_, old->level, node::capacity_for(old->count + extra));
  copy->append(*old, 0, old->count);
  retired_.push_back(old);
  ++retired_count_;
  link = copy;
  return copy;
}

/// Replaces an owned node by one with more room.
void tree_editor::grow(node*& link) {
  node* old = link;
  node* copy = node::create(*memory_, version_, old->level, node::capacity_for(old->count + 1U));
  copy->append(*old, 0, old->count);
  link = copy;
  node::destroy(*memory_, old);
}

/// Updates the entries above the node at this depth after its smallest entry has changed.
void tree_editor::refresh_minimum(node_path& path, unsigned depth) noexcept {
  while (depth != 0) {
    const step& parent = path.steps[--depth];
    const node* child = parent.at->children()[parent.index];
    parent.at->prefixes()[parent.index] = child->prefixes()[0];
    parent.at->entries()[parent.index] = child->entries()[0];
    if (parent.index != 0) return;
  }
}

void tree_editor::insert_at(node*& root, node_path& path, node* leaf, const insertion& added) {
  // First everything that can fail.
  spare_nodes<node> spare(*memory_);
  const bool at_the_edge = reserve_split_nodes(root, path, leaf, added.index, spare);
  // From here on, nothing fails.
  split_upwards(root, path, leaf, added, at_the_edge, spare);
}

/// Allocates the nodes for the splits, and makes room in the node that receives the last split.
/// Returns whether the entry, which goes to `index` in the leaf, comes after all entries of the
/// tree.
bool tree_editor::reserve_split_nodes(node*& root, node_path& path, node*& leaf, unsigned index,
                                      spare_nodes<node>& spare) {
  const auto add_spare = [&](unsigned level) {
    spare.add(node::create(*memory_, version_, level, node::max_count));
  };
  unsigned depth = path.depth;
  node* at = leaf;
  bool at_the_edge = index == leaf->count;
  while (at->count == node::max_count) {
    add_spare(at->level);
    if (depth == 0) {
      add_spare(at->level + 1U);
      break;
    }
    const step& parent = path.steps[--depth];
    at_the_edge = at_the_edge && parent.index + 1U == parent.at->count;
    at = parent.at;
  }
  for (unsigned above = depth; at_the_edge && above != 0; --above) {
    at_the_edge = path.steps[above - 1].index + 1U == path.steps[above - 1].at->count;
  }
  if (at->count < node::max_count && at->count == at->capacity) {
    node*& link =
        depth == 0 ? root : path.steps[depth - 1].at->children()[path.steps[depth - 1].index];
    grow(link);
    if (at == leaf) {
      leaf = link;
    } else {
      path.steps[depth].at = link;
    }
  }
  return at_the_edge;
}

/// Inserts into the leaf. Each node that is full is split, and its right half is inserted into its
/// parent.
void tree_editor::split_upwards(node*& root, node_path& path, node* leaf, insertion added,
                                bool at_the_edge, spare_nodes<node>& spare) noexcept {
  node* at = leaf;
  for (unsigned depth = path.depth;; --depth) {
    if (at->count < node::max_count) {
      at->open_gap(added.index, 1);
      at->put(added.index, added.prefix, added.entry, added.child);
      if (added.index == 0) refresh_minimum(path, depth);
      return;
    }
    // Splits in the middle. At the right edge, the left node stays full, so that ascending keys
    // fill their nodes.
    node* right = spare.take();
    const unsigned left_count = at_the_edge ? node::max_count : node::max_count / 2;
    right->append(*at, left_count, node::max_count - left_count);
    at->count = static_cast<std::uint16_t>(left_count);
    const bool goes_left = added.index < left_count || (added.index == left_count && !at_the_edge);
    node* half = goes_left ? at : right;
    const unsigned position = goes_left ? added.index : added.index - left_count;
    half->open_gap(position, 1);
    half->put(position, added.prefix, added.entry, added.child);
    if (goes_left && position == 0) refresh_minimum(path, depth);

    added.prefix = right->prefixes()[0];
    added.entry = right->entries()[0];
    added.child = right;
    if (depth == 0) {
      node* top = spare.take();
      top->count = 2;
      top->put(0, at->prefixes()[0], at->entries()[0], at);
      top->put(1, added.prefix, added.entry, right);
      root = top;
      return;
    }
    at = path.steps[depth - 1].at;
    added.index = path.steps[depth - 1].index + 1;
  }
}

void tree_editor::erase_at(node*& root, const cursor& place, void*& removed) {
  const std::span<const cursor::step> steps = place.path();
  node_path path;
  node* at = own(root, 0);
  for (const cursor::step& taken : steps.first(steps.size() - 1)) {
    path.steps[path.depth++] = {at, taken.index};
    at = own(at->children()[taken.index], 0);
  }
  const unsigned index = steps.back().index;
  removed = at->entries()[index];
  at->close_gap(index, 1);
  if (index == 0 && at->count != 0) refresh_minimum(path, path.depth);
  rebalance(root, path, at);
}

/// Joins nodes that have become too small, from the leaf upward.
void tree_editor::rebalance(node*& root, node_path& path, node* leaf) {
  node* at = leaf;
  for (unsigned depth = path.depth; depth != 0 && at->count < node::min_count; --depth) {
    step& parent = path.steps[depth - 1];
    if (parent.at->count == 1) {
      if (at->count != 0) break;
      node::destroy(*memory_, at);
      parent.at->count = 0;
    } else {
      join_with_sibling(parent);
      refresh_minimum(path, depth);
    }
    at = parent.at;
  }
  while (root->level != 0 && root->count == 1) {
    node* top = root;
    root = top->children()[0];
    node::destroy(*memory_, top);
    if (!owned(root)) return;  // shared: it may stay as it is
  }
  if (root->count == 0) {
    node::destroy(*memory_, root);
    root = nullptr;
  }
}

/// Merges the child at parent.index with a neighbor, or distributes their entries evenly.
/// Afterward, parent.index is the index of the left one.
bool tree_editor::join_with_sibling(step& parent) {
  const unsigned left_index = parent.index == 0 ? 0 : parent.index - 1;
  node* left = own(parent.at->children()[left_index], 0);
  node* right = own(parent.at->children()[left_index + 1], 0);
  const unsigned total = left->count + right->count;
  parent.index = left_index;
  if (total <= node::max_count * 3 / 4) {
    if (left->capacity < total) {
      node* wider = node::create(*memory_, version_, left->level, node::capacity_for(total));
      wider->append(*left, 0, left->count);
      parent.at->children()[left_index] = wider;
      node::destroy(*memory_, left);
      left = wider;
    }
    left->append(*right, 0, right->count);
    parent.at->close_gap(left_index + 1, 1);
    node::destroy(*memory_, right);
    return true;
  }
  // Makes two new nodes with half of the entries each, which is simpler than moving entries in
  // place.
  const unsigned half = total / 2;
  node* first = node::create(*memory_, version_, left->level, node::capacity_for(half));
  node* second = nullptr;
  try {
    second = node::create(*memory_, version_, left->level, node::capacity_for(total - half));
  } catch (...) {
    node::destroy(*memory_, first);
    throw;
  }
  const unsigned from_left = std::min<unsigned>(half, left->count);
  first->append(*left, 0, from_left);
  first->append(*right, 0, half - from_left);
  second->append(*left, from_left, left->count - from_left);
  second->append(*right, half - from_left, right->count - (half - from_left));
  parent.at->children()[left_index] = first;
  parent.at->put(left_index + 1, second->prefixes()[0], second->entries()[0], second);
  node::destroy(*memory_, left);
  node::destroy(*memory_, right);
  return false;
}

void tree_editor::retire_tree(node* root) noexcept {
  for_each_below(root, every_node, no_entry, [this](node* given_up) {
    if (owned(given_up)) {
      node::destroy(*memory_, given_up);
    } else {
      retired_.push_back(given_up);
      ++retired_count_;
    }
  });
}

}  // namespace buntdb::engine
