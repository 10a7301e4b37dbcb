#include "engine/index_writer.hpp"

#include <utility>

#include "engine/tree_felling.hpp"

namespace buntdb::engine {

namespace {

/// A root as the tree editors want it; what they make of it goes back to where it came from, also
/// when they throw.
template <class Node>
class root_slot {
 public:
  explicit root_slot(retirable*& slot) noexcept : slot_(slot), root_(static_cast<Node*>(slot)) {}
  root_slot(const root_slot&) = delete;
  root_slot& operator=(const root_slot&) = delete;
  ~root_slot() { slot_ = root_; }

  Node*& get() noexcept { return root_; }

 private:
  retirable*& slot_;
  Node* root_;
};

/// An entry that is not in a tree yet.
class fresh_entry {
 public:
  fresh_entry(memory& memory, index_entry* entry) noexcept : memory_(memory), entry_(entry) {}
  fresh_entry(const fresh_entry&) = delete;
  fresh_entry& operator=(const fresh_entry&) = delete;
  ~fresh_entry() {
    if (entry_ != nullptr) index_entry::destroy(memory_, entry_);
  }
  index_entry& get() const noexcept { return *entry_; }
  void now_in_tree() noexcept { entry_ = nullptr; }

 private:
  memory& memory_;
  index_entry* entry_;
};

entry entry_of(const item& item) noexcept {
  return {item.key(), item.value()};
}

index_entry* entry_at(const cursor& at) noexcept {
  return static_cast<index_entry*>(at.entry());
}

}  // namespace

void index_writer::change(const index_definition& index, std::span<retirable*> roots,
                          item* previous, item* made) {
  if (index.spatial()) {
    change_spatial(index, roots, previous, made);
  } else {
    change_ordered(index, roots[0], previous, made);
  }
}

void index_writer::change_ordered(const index_definition& index, retirable*& root, item* previous,
                                  item* made) {
  const auto sort_key = [&](const item* item, std::string& key) {
    key.clear();
    if (item == nullptr) return false;
    const bool found = index.order.append_sort_key(entry_of(*item), key);
    return found || !index.info.sparse;
  };
  const bool was_in = sort_key(previous, old_sort_key_);
  const bool will_be_in = sort_key(made, new_sort_key_);
  const auto probe_of = [&](const item& item, std::string_view key) {
    return index_order::probe{key, entry_of(item), index_order::tie::by_key, &index.order};
  };
  // In the same place the new entry just replaces the old one.
  const bool in_place = was_in && will_be_in && !index.order.has_custom() &&
                        old_sort_key_ == new_sort_key_;
  if (was_in && !in_place) remove(root, probe_of(*previous, old_sort_key_), previous);
  if (will_be_in) insert(root, probe_of(*made, new_sort_key_), made);
}

void index_writer::insert(retirable*& root, const index_order::probe& probe, item* item) {
  root_slot<node> slot(root);
  fresh_entry fresh(memory_, index_entry::create(memory_, version_, item, probe.sort_key));
  index_entry* replaced = ordered_.insert<index_order>(slot.get(), fresh.get(), probe);
  fresh.now_in_tree();
  if (replaced != nullptr) dispose(replaced);
}

void index_writer::remove(retirable*& root, const index_order::probe& probe, const item* item) {
  root_slot<node> slot(root);
  cursor at;
  if (!at.seek<index_order>(slot.get(), probe) || entry_at(at)->item != item) {
    // An ordering of the user's own has changed its mind. The item must go all the same.
    for (at.seek_first(slot.get()); !at.at_end() && entry_at(at)->item != item;)
      at.next();
    if (at.at_end()) return;
  }
  void* removed = nullptr;
  try {
    ordered_.erase_at(slot.get(), at, removed);
  } catch (...) {
    if (removed != nullptr) dispose(static_cast<index_entry*>(removed));
    throw;
  }
  dispose(static_cast<index_entry*>(removed));
}

void index_writer::dispose(index_entry* entry) noexcept {
  owned(entry) ? index_entry::destroy(memory_, entry) : retire(entry);
}

void index_writer::change_spatial(const index_definition& index, std::span<retirable*> roots,
                                  item* previous, item* made) {
  const auto rect_of = [&](const item* item) {
    return item == nullptr ? std::nullopt : index.info.rect_of(item->value());
  };
  const std::optional<rect> from = rect_of(previous);
  const std::optional<rect> to = rect_of(made);
  if (previous != nullptr) remove_from_all(roots, from, previous);
  if (to) {
    root_slot<spatial::rtree_node> slot(roots[to->dimensions() - 1]);
    spatial_.insert(slot.get(), *to, made);
  }
}

/// Removes the item from where it is; a rectangle function that has changed its mind is no reason
/// to leave it there.
void index_writer::remove_from_all(std::span<retirable*> roots, const std::optional<rect>& where,
                                   const item* item) {
  if (where) {
    root_slot<spatial::rtree_node> slot(roots[where->dimensions() - 1]);
    if (spatial_.erase(slot.get(), *where, item)) return;
  }
  static_cast<void>(roots);
}

/// Retires what a tree shares with older versions, which may fail; nothing is freed yet.
void index_writer::drop_shared(retirable* root) {
  if (!owned(root)) {
    retire(dropped_tree::create(memory_, root));
    return;
  }
  if (root->type() == retirable::kind::rtree_node) {
    auto* at = static_cast<spatial::rtree_node*>(root);
    if (at->level == 0) return;
    for (unsigned i = 0; i < at->count; ++i)
      drop_shared(at->children()[i]);
    return;
  }
  auto* at = static_cast<node*>(root);
  for (unsigned i = 0; i < at->count; ++i) {
    if (at->level != 0) {
      drop_shared(at->children()[i]);
    } else if (auto* entry = static_cast<index_entry*>(at->entries()[i]); !owned(entry)) {
      retire(entry);
    }
  }
}

void index_writer::drop_owned(node* at) noexcept {
  for (unsigned i = 0; i < at->count; ++i) {
    if (at->level != 0) {
      if (node* child = at->children()[i]; owned(child)) drop_owned(child);
    } else if (auto* entry = static_cast<index_entry*>(at->entries()[i]); owned(entry)) {
      index_entry::destroy(memory_, entry);
    }
  }
  node::destroy(memory_, at);
}

/// Nodes of a spatial index may have a range looking at them: they are retired.
void index_writer::drop_owned(spatial::rtree_node* at) noexcept {
  if (at->level != 0) {
    for (unsigned i = 0; i < at->count; ++i) {
      if (spatial::rtree_node* child = at->children()[i]; owned(child)) drop_owned(child);
    }
  }
  retire(at);
}

void index_writer::drop(std::span<retirable*> roots) {
  for (retirable*& root : roots) {
    if (root == nullptr) continue;
    drop_shared(root);
    retirable* dropped = std::exchange(root, nullptr);
    if (!owned(dropped)) continue;
    if (dropped->type() == retirable::kind::node) {
      drop_owned(static_cast<node*>(dropped));
    } else {
      drop_owned(static_cast<spatial::rtree_node*>(dropped));
    }
  }
}

retired_chain index_writer::take_retired() noexcept {
  retired_chain all = std::exchange(retired_, {});
  all.splice_back(ordered_.retired());
  all.splice_back(spatial_.retired());
  return all;
}

void index_writer::discard(memory& memory, std::uint64_t version,
                           std::span<retirable*> roots) noexcept {
  tree_editor ordered(memory, version);
  spatial::rtree_editor spatial(memory, version);
  for (retirable*& root : roots) {
    retirable* dropped = std::exchange(root, nullptr);
    if (dropped == nullptr || dropped->born != version) continue;
    if (dropped->type() == retirable::kind::node) {
      ordered.discard(static_cast<node*>(dropped), [&](void* at) {
        auto* entry = static_cast<index_entry*>(at);
        if (entry->born == version) index_entry::destroy(memory, entry);
      });
    } else {
      spatial.discard(static_cast<spatial::rtree_node*>(dropped));
    }
  }
}

}  // namespace buntdb::engine
