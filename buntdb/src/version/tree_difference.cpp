#include "version/tree_difference.hpp"

#include <cstddef>
#include <unordered_set>

namespace buntdb::engine {

namespace {

using nodes = std::vector<const node*>;

/// Removes the nodes that are in both lists.
void remove_shared(nodes& a, nodes& b) {
  const std::unordered_set<const node*> in_a(a.begin(), a.end());
  std::unordered_set<const node*> shared;
  for (const node* one : b) {
    if (in_a.contains(one)) shared.insert(one);
  }
  if (shared.empty()) return;
  std::erase_if(a, [&](const node* one) { return shared.contains(one); });
  std::erase_if(b, [&](const node* one) { return shared.contains(one); });
}

/// Replaces the nodes of this level by their children, which are one level lower.
void descend(nodes& all, unsigned level) {
  nodes below;
  for (const node* one : all) {
    if (one->level == level) {
      below.insert(below.end(), one->children(), one->children() + one->count);
    } else {
      below.push_back(one);
    }
  }
  all = std::move(below);
}

/// The items in the leaves, in order.
class items_of {
 public:
  explicit items_of(const nodes& leaves) : leaves_(leaves) { skip_empty(); }

  item* here() const noexcept {
    return leaf_ == leaves_.size() ? nullptr
                                   : static_cast<item*>(leaves_[leaf_]->entries()[index_]);
  }
  void next() noexcept {
    ++index_;
    skip_empty();
  }

 private:
  void skip_empty() noexcept {
    while (leaf_ != leaves_.size() && index_ == leaves_[leaf_]->count) {
      ++leaf_;
      index_ = 0;
    }
  }

  const nodes& leaves_;
  std::size_t leaf_ = 0;
  unsigned index_ = 0;
};

}  // namespace

std::vector<changed_item> difference(const node* before, const node* after) {
  nodes old_nodes;
  nodes new_nodes;
  if (before != nullptr) old_nodes.push_back(before);
  if (after != nullptr) new_nodes.push_back(after);
  unsigned level = 0;
  for (const node* root : {before, after}) {
    if (root != nullptr && root->level > level) level = root->level;
  }
  // A node that both trees have is on the same level in both, and everything below it is shared,
  // too.
  remove_shared(old_nodes, new_nodes);
  for (; level != 0; --level) {
    descend(old_nodes, level);
    descend(new_nodes, level);
    remove_shared(old_nodes, new_nodes);
  }

  std::vector<changed_item> found;
  items_of old_items(old_nodes);
  items_of new_items(new_nodes);
  while (old_items.here() != nullptr || new_items.here() != nullptr) {
    item* previous = old_items.here();
    item* now = new_items.here();
    const int order = previous == nullptr ? 1
                      : now == nullptr    ? -1
                                          : previous->key().compare(now->key());
    if (order <= 0) old_items.next();
    if (order >= 0) new_items.next();
    if (order == 0 && previous == now) continue;
    found.push_back({order <= 0 ? previous : nullptr, order >= 0 ? now : nullptr});
  }
  return found;
}

}  // namespace buntdb::engine
