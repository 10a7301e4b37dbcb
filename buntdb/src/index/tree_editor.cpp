#include "index/tree_editor.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "index/tree_walk.hpp"
#include "tree/dropped_tree.hpp"

namespace buntdb::engine {

namespace {

/// Converts a root to the type that the tree editors need. Writes the changed root back, also after
/// an exception.
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
  fresh_entry(pool& memory, index_entry* entry) noexcept : memory_(memory), entry_(entry) {}
  fresh_entry(const fresh_entry&) = delete;
  fresh_entry& operator=(const fresh_entry&) = delete;
  ~fresh_entry() {
    if (entry_ != nullptr) index_entry::destroy(memory_, entry_);
  }
  index_entry& get() const noexcept { return *entry_; }
  void now_in_tree() noexcept { entry_ = nullptr; }

 private:
  pool& memory_;
  index_entry* entry_;
};

/// The order of remembered rectangles: by the item's key. The rectangle is stored in place of a
/// sort key.
struct remembered_order {
  using entry = index_entry;
  using probe = std::string_view;

  static probe probe_of(const index_entry& entry) noexcept { return entry.item->key(); }
  static std::uint64_t prefix_of(probe key) noexcept { return key_order::prefix_of(key); }
  static int compare(const index_entry& entry, probe key) noexcept {
    return entry.item->key().compare(key);
  }
};

entry entry_of(const item& item) noexcept {
  return {item.key(), item.value()};
}

index_place& place_at(const cursor& at) noexcept {
  return *static_cast<index_place*>(at.entry());
}

}  // namespace

void index_tree_editor::change(const index_definition& index, std::span<retirable*> roots,
                               item* previous, item* made) {
  if (index.spatial()) {
    change_spatial(index, roots, previous, made);
  } else {
    change_ordered(index, roots[0], previous, made);
  }
}

void index_tree_editor::change_ordered(const index_definition& index, retirable*& root,
                                       item* previous, item* made) {
  const auto sort_key = [&](const item* item, std::string& key) {
    key.clear();
    if (item == nullptr) return false;
    const bool found = index.order.append_sort_key(entry_of(*item), key);
    return found || !index.info.sparse;
  };
  // The new item first: it is in the cache, while the previous one is still being fetched.
  const bool will_be_in = sort_key(made, new_sort_key_);
  const bool same = previous != nullptr && made != nullptr && previous->value() == made->value();
  if (same) old_sort_key_ = new_sort_key_;
  const bool was_in = same ? will_be_in : sort_key(previous, old_sort_key_);
  const auto probe_of = [&](const item& item, std::string_view key) {
    return index_order::probe{key, entry_of(item), index_order::tie::by_key, &index};
  };
  // If the sort key is the same, the new entry just replaces the old one.
  const bool in_place =
      was_in && will_be_in && !index.order.has_custom() && old_sort_key_ == new_sort_key_;
  if (was_in && !in_place) remove(root, probe_of(*previous, old_sort_key_), previous);
  if (!will_be_in) return;
  const bool replaced = insert(root, probe_of(*made, new_sort_key_), made);
  // A user-supplied function returned a different sort key when the old entry was made, so that
  // entry is elsewhere.
  if (in_place && !replaced) remove(root, probe_of(*previous, old_sort_key_), previous);
}

/// Returns whether the entry replaced another one.
bool index_tree_editor::insert(retirable*& root, const index_order::probe& probe, item* item) {
  root_slot<node> slot(root);
  if (!probe.index->info.keep_sort_keys) {
    return ordered_.insert<index_order>(slot.get(), index_place::of(*item), probe) != nullptr;
  }
  fresh_entry fresh(memory_, index_entry::create(memory_, version_, item, probe.sort_key));
  const index_place* replaced =
      ordered_.insert<index_order>(slot.get(), index_place::of(fresh.get()), probe);
  fresh.now_in_tree();
  if (replaced != nullptr) dispose(*replaced);
  return replaced != nullptr;
}

void index_tree_editor::remove(retirable*& root, const index_order::probe& probe,
                               const item* item) {
  root_slot<node> slot(root);
  cursor at;
  if (!at.seek<index_order>(slot.get(), probe) || place_at(at).item() != item) {
    // A user-supplied function no longer returns the same sort key. The item must be removed
    // anyway.
    for (at.seek_first(slot.get()); !at.at_end() && place_at(at).item() != item;)
      at.next();
    if (at.at_end()) return;
  }
  erase_entry(slot.get(), at);
}

void index_tree_editor::erase_entry(node*& root, const cursor& at) {
  void* removed = nullptr;
  try {
    ordered_.erase_at(root, at, removed);
  } catch (...) {
    if (removed != nullptr) dispose(*static_cast<const index_place*>(removed));
    throw;
  }
  dispose(*static_cast<const index_place*>(removed));
}

/// Disposes of the entry, if the place has one. The item belongs to the keys tree.
void index_tree_editor::dispose(const index_place& place) noexcept {
  index_entry* entry = place.entry();
  if (entry == nullptr) return;
  owned(entry) ? index_entry::destroy(memory_, entry) : retire(entry);
}

void index_tree_editor::change_spatial(const index_definition& index, std::span<retirable*> roots,
                                       item* previous, item* made) {
  const auto slot_of = [&](const rect& where) -> retirable*& {
    return roots[where.dimensions() - 1];
  };
  // A user-supplied function may now return another rectangle. The item must be removed anyway, so
  // its rectangle was remembered.
  retirable*& remembered = roots[rect::max_dimensions];
  // The new item first: it is in the cache, while the previous one is still being fetched.
  std::optional<rect> to;
  if (made != nullptr) to = index.info.extract_rect(made->value());
  std::optional<rect> from;
  if (previous != nullptr) {
    from = index.remembers_rects ? forget(remembered, previous)
                                 : index.info.extract_rect(previous->value());
  }
  if (to && index.remembers_rects) remember(remembered, made, *to);
  if (from) {
    root_slot<spatial::rtree_node> slot(slot_of(*from));
    if (to && to->dimensions() == from->dimensions()) {
      if (spatial_.replace(slot.get(), {*from, previous}, {*to, made})) return;
    } else {
      spatial_.erase(slot.get(), *from, previous);
    }
  }
  if (!to) return;
  root_slot<spatial::rtree_node> slot(slot_of(*to));
  spatial_.insert(slot.get(), *to, made);
}

void index_tree_editor::remember(retirable*& root, item* item, const rect& where) {
  std::string bytes;
  for (const std::span<const double> corner : {where.min(), where.max()})
    bytes.append(reinterpret_cast<const char*>(corner.data()), corner.size_bytes());
  root_slot<node> slot(root);
  fresh_entry fresh(memory_, index_entry::create(memory_, version_, item, bytes));
  ordered_.insert<remembered_order>(slot.get(), fresh.get());
  fresh.now_in_tree();
}

/// Removes the remembered rectangle of the item and returns it; nothing if there is none.
std::optional<rect> index_tree_editor::forget(retirable*& root, const item* item) {
  root_slot<node> slot(root);
  cursor at;
  if (!at.seek<remembered_order>(slot.get(), item->key())) return std::nullopt;
  const std::string_view bytes = static_cast<const index_entry*>(at.entry())->sort_key();
  std::array<double, 2 * rect::max_dimensions> corners{};
  std::memcpy(corners.data(), bytes.data(), bytes.size());
  const std::size_t dimensions = bytes.size() / sizeof(double) / 2;
  const std::span<const double> all(corners.data(), 2 * dimensions);
  const rect where(all.first(dimensions), all.last(dimensions));
  erase_entry(slot.get(), at);
  return where;
}

/// Retires what a tree shares with older versions. This may fail; nothing has been freed yet.
void index_tree_editor::drop_shared(retirable* root) {
  const auto enters_owned = [this](retirable* node) {
    if (owned(node)) return true;
    retire(dropped_tree::create(memory_, node));
    return false;
  };
  const auto retire_shared = [this](index_entry* entry) {
    if (!owned(entry)) retire(entry);
  };
  for_each_below(root, enters_owned, retire_shared, [](retirable*) {});
}

/// Frees what a tree does not share. Nodes of a spatial index are retired instead, because a range
/// may be reading them.
void index_tree_editor::drop_owned(retirable* root) noexcept {
  struct {
    index_tree_editor& editor;
    void operator()(node* node) const noexcept { node::destroy(editor.memory_, node); }
    void operator()(spatial::rtree_node* node) const noexcept { editor.retire(node); }
  } const leave{*this};
  const auto free_owned = [this](index_entry* entry) {
    if (owned(entry)) index_entry::destroy(memory_, entry);
  };
  for_each_below(
      root, [this](const retirable* node) { return owned(node); }, free_owned, leave);
}

void index_tree_editor::drop(std::span<retirable*> roots) {
  for (retirable*& root : roots) {
    drop_shared(root);
    drop_owned(std::exchange(root, nullptr));
  }
}

retired_chain index_tree_editor::take_retired() noexcept {
  retired_chain all = std::exchange(retired_, {});
  all.splice_back(ordered_.retired());
  all.splice_back(spatial_.retired());
  return all;
}

void index_tree_editor::discard(pool& memory, std::uint64_t version,
                                std::span<retirable*> roots) noexcept {
  const auto is_own = [version](const retirable* object) { return object->born == version; };
  const auto free_own = [&](index_entry* entry) {
    if (is_own(entry)) index_entry::destroy(memory, entry);
  };
  const auto free_node = [&]<class Node>(Node* node) { Node::destroy(memory, node); };
  for (retirable*& root : roots)
    for_each_below(std::exchange(root, nullptr), is_own, free_own, free_node);
}

}  // namespace buntdb::engine
