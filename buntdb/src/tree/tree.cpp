#include "tree/tree.hpp"

namespace buntdb::engine {

namespace {

/// Nodes allocated ahead of a change that must not fail half way; frees those not taken.
class spare_nodes {
 public:
  explicit spare_nodes(pool& memory) noexcept : memory_(memory) {}
  spare_nodes(const spare_nodes&) = delete;
  spare_nodes& operator=(const spare_nodes&) = delete;
  ~spare_nodes() {
    while (taken_ < count_)
      node::destroy(memory_, nodes_[taken_++]);
  }

  void add(std::uint64_t version, unsigned level) {
    nodes_[count_] = node::create(memory_, version, level, node::max_count);
    ++count_;
  }
  node* take() noexcept { return nodes_[taken_++]; }

 private:
  pool& memory_;
  std::array<node*, node::max_depth + 1> nodes_{};
  unsigned count_ = 0;
  unsigned taken_ = 0;
};

}  // namespace

/// Makes the linked node this version's own, with room for extra more entries if it is copied.
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

/// Brings the entries above the node at the given depth in line with its new smallest one.
void tree_editor::refresh_minimum(path& way, unsigned depth) noexcept {
  while (depth != 0) {
    const step& parent = way.steps[--depth];
    const node* child = parent.at->children()[parent.index];
    parent.at->prefixes()[parent.index] = child->prefixes()[0];
    parent.at->entries()[parent.index] = child->entries()[0];
    if (parent.index != 0) return;
  }
}

void tree_editor::insert_at(node*& root, path& way, node* leaf, unsigned index,
                            std::uint64_t prefix, void* entry) {
  // First all that can fail: nodes for the splits, and room in the node that takes what is left.
  spare_nodes spare(*memory_);
  unsigned depth = way.depth;
  node* at = leaf;
  bool at_the_edge = index == leaf->count;  // appending at the very end of the tree
  while (at->count == node::max_count) {
    spare.add(version_, at->level);
    if (depth == 0) {
      spare.add(version_, at->level + 1U);
      break;
    }
    const step& parent = way.steps[--depth];
    at_the_edge = at_the_edge && parent.index + 1U == parent.at->count;
    at = parent.at;
  }
  for (unsigned above = depth; at_the_edge && above != 0; --above) {
    at_the_edge = way.steps[above - 1].index + 1U == way.steps[above - 1].at->count;
  }
  if (at->count < node::max_count && at->count == at->capacity) {
    node*& link =
        depth == 0 ? root : way.steps[depth - 1].at->children()[way.steps[depth - 1].index];
    grow(link);
    if (at == leaf) {
      leaf = link;
    } else {
      way.steps[depth].at = link;
    }
  }

  // From here on nothing fails.
  depth = way.depth;
  node* child = nullptr;
  at = leaf;
  for (;;) {
    if (at->count < node::max_count) {
      at->open_gap(index, 1);
      at->put(index, prefix, entry, child);
      if (index == 0) refresh_minimum(way, depth);
      return;
    }
    // A split in the middle; at the right edge the left node stays full, so that ascending keys
    // fill their nodes.
    node* right = spare.take();
    const unsigned left_count = at_the_edge ? node::max_count : node::max_count / 2;
    right->append(*at, left_count, node::max_count - left_count);
    at->count = static_cast<std::uint16_t>(left_count);
    const bool goes_left = index < left_count || (index == left_count && !at_the_edge);
    node* half = goes_left ? at : right;
    const unsigned position = goes_left ? index : index - left_count;
    half->open_gap(position, 1);
    half->put(position, prefix, entry, child);
    if (goes_left && position == 0) refresh_minimum(way, depth);

    prefix = right->prefixes()[0];
    entry = right->entries()[0];
    child = right;
    if (depth == 0) {
      node* top = spare.take();
      top->count = 2;
      top->put(0, at->prefixes()[0], at->entries()[0], at);
      top->put(1, prefix, entry, right);
      root = top;
      return;
    }
    --depth;
    at = way.steps[depth].at;
    index = way.steps[depth].index + 1;
  }
}

void tree_editor::erase_at(node*& root, const cursor& place, void*& removed) {
  const std::span<const cursor::step> steps = place.way();
  path way;
  node* at = own(root, 0);
  for (const cursor::step& taken : steps.first(steps.size() - 1)) {
    way.steps[way.depth++] = {at, taken.index};
    at = own(at->children()[taken.index], 0);
  }
  const unsigned index = steps.back().index;
  removed = at->entries()[index];
  at->close_gap(index, 1);
  if (index == 0 && at->count != 0) refresh_minimum(way, way.depth);
  rebalance(root, way, at);
}

/// Joins nodes that have become too small, from the leaf upwards.
void tree_editor::rebalance(node*& root, path& way, node* leaf) {
  node* at = leaf;
  for (unsigned depth = way.depth; depth != 0 && at->count < node::min_count; --depth) {
    step& parent = way.steps[depth - 1];
    if (parent.at->count == 1) {
      if (at->count != 0) break;
      node::destroy(*memory_, at);
      parent.at->count = 0;
    } else {
      join_with_sibling(parent);
      refresh_minimum(way, depth);
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

/// Merges the child that parent points at with a neighbor, or evens the two out. Leaves
/// parent.index at the left one of the two.
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
  // Two new nodes, each with half of the entries: simpler than moving them in place.
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
  if (root == nullptr) return;
  if (root->level != 0) {
    for (unsigned i = 0; i < root->count; ++i)
      retire_tree(root->children()[i]);
  }
  if (owned(root)) {
    node::destroy(*memory_, root);
  } else {
    retired_.push_back(root);
    ++retired_count_;
  }
}

void destroy_tree(pool& memory, node* root) noexcept {
  if (root == nullptr) return;
  if (root->level != 0) {
    for (unsigned i = 0; i < root->count; ++i)
      destroy_tree(memory, root->children()[i]);
  }
  node::destroy(memory, root);
}

}  // namespace buntdb::engine
