#include "storage/bulk_loader.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "tree/tree.hpp"
#include "version/item_commands.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

namespace {

/// Marks an erasure. No item that a file sets has this expiry.
constexpr std::int64_t erasure = std::numeric_limits<std::int64_t>::min();

bool is_erasure(const item& item) noexcept {
  return item.expires == erasure;
}

int compare(std::uint64_t left_prefix, const item& left, std::uint64_t right_prefix,
            const item& right) noexcept {
  if (left_prefix != right_prefix) return left_prefix < right_prefix ? -1 : 1;
  return left.key().compare(right.key());
}

}  // namespace

void bulk_loader::set(std::string_view key, std::string_view value, std::int64_t expires) {
  item* made = item::create(memory_, version_.number, key, value, expires);
  version_.created.push_back(made);
  version_.live_bytes += command_size(*made);
  const std::uint64_t prefix = key_order::prefix_of(key);
  if (waiting_.empty() && comes_after_all(prefix, key)) {
    append(prefix, made);
    tree_bytes_ = version_.live_bytes;
  } else {
    wait(prefix, made);
  }
}

void bulk_loader::erase(std::string_view key) {
  const std::uint64_t prefix = key_order::prefix_of(key);
  if (waiting_.empty() && comes_after_all(prefix, key)) return;
  item* made = item::create(memory_, version_.number, key, {}, erasure);
  version_.created.push_back(made);
  has_erasures_ = true;
  wait(prefix, made);
}

void bulk_loader::clear() noexcept {
  tree_editor(memory_, version_.number).discard(version_.keys);
  while (!version_.created.empty())
    item::destroy(memory_, version_.created.pop_front());
  builder_.emplace(memory_, version_.number);
  last_ = nullptr;
  waiting_.clear();
  waiting_bytes_ = 0;
  tree_bytes_ = 0;
  has_erasures_ = false;
  has_edge_ = true;
  version_.keys = nullptr;
  version_.size = 0;
  version_.live_bytes = 0;
}

void bulk_loader::finish() {
  // A merge reads the whole tree; an insertion costs some cache misses.
  constexpr std::uint64_t entries_per_insertion = 16;
  if (!waiting_.empty()) {
    if (waiting_.size() * entries_per_insertion < version_.size) {
      insert_waiting();
    } else {
      merge();
    }
  }
  waiting_ = {};
}

bool bulk_loader::comes_after_all(std::uint64_t prefix, std::string_view key) const noexcept {
  if (!has_edge_) return false;
  if (last_ == nullptr) return true;
  const std::uint64_t last = key_order::prefix_of(last_->key());
  return last != prefix ? last < prefix : last_->key() < key;
}

void bulk_loader::wait(std::uint64_t prefix, item* item) {
  waiting_.push_back({prefix, item, waiting_.size()});
  waiting_bytes_ += command_size(*item);
  if (waiting_bytes_ > std::max(waiting_bytes_min_, tree_bytes_ / 2)) merge();
}

void bulk_loader::append(std::uint64_t prefix, item* item) {
  builder_->append(prefix, item);
  version_.keys = builder_->root();
  ++version_.size;
  last_ = item;
}

void bulk_loader::drop(item* item) noexcept {
  if (!is_erasure(*item)) version_.live_bytes -= command_size(*item);
  item_list::unlink(item);
  item::destroy(memory_, item);
}

/// Sorts the waiting items and keeps only the last one of each key.
void bulk_loader::sort_waiting() {
  const auto order = [](const waiting_item& left, const waiting_item& right) {
    return compare(left.prefix, *left.item, right.prefix, *right.item);
  };
  // Not a stable sort, which would allocate memory.
  std::sort(waiting_.begin(), waiting_.end(), [&](const auto& left, const auto& right) {
    const int which = order(left, right);
    return which != 0 ? which < 0 : left.number < right.number;
  });
  std::size_t kept = 0;
  for (const waiting_item& one : waiting_) {
    if (kept != 0 && order(waiting_[kept - 1], one) == 0) {
      drop(waiting_[kept - 1].item);
      waiting_[kept - 1] = one;
    } else {
      waiting_[kept++] = one;
    }
  }
  waiting_.resize(kept);
}

void bulk_loader::merge() {
  sort_waiting();
  node* old = version_.keys;
  builder_.emplace(memory_, version_.number);
  has_edge_ = true;
  last_ = nullptr;
  version_.keys = nullptr;
  version_.size = 0;
  next_ = 0;
  if (old != nullptr) merge_with(old);
  while (next_ != waiting_.size())
    append_waiting();
  waiting_.clear();
  waiting_bytes_ = 0;
  tree_bytes_ = version_.live_bytes;
  has_erasures_ = false;
}

/// Merges a subtree with the waiting items. Nodes of the old tree are freed as they are read, and
/// their memory is reused for the new tree.
void bulk_loader::merge_with(node* old) {
  if (old->level == 0) {
    merge_with_leaf(old);
    return;
  }
  std::array<node*, node::max_count> children{};
  const unsigned count = old->count;
  std::copy_n(old->children(), count, children.begin());
  node::destroy(memory_, old);
  unsigned done = 0;
  try {
    while (done < count)
      merge_with(children[done++]);
  } catch (...) {
    while (done < count)
      destroy_tree(memory_, children[done++]);
    throw;
  }
}

void bulk_loader::merge_with_leaf(node* old) {
  std::array<waiting_item, node::max_count> entries;
  const unsigned count = old->count;
  for (unsigned i = 0; i < count; ++i)
    entries[i] = {old->prefixes()[i], static_cast<item*>(old->entries()[i]), 0};
  node::destroy(memory_, old);
  for (unsigned i = 0; i < count; ++i) {
    int order = 1;  // compares the entry with the next waiting item
    while (next_ != waiting_.size()) {
      const waiting_item& next = waiting_[next_];
      order = -compare(next.prefix, *next.item, entries[i].prefix, *entries[i].item);
      if (order <= 0) break;
      append_waiting();
    }
    if (next_ != waiting_.size() && order == 0) {
      drop(entries[i].item);  // the waiting item replaces it
    } else {
      append(entries[i].prefix, entries[i].item);
    }
  }
}

void bulk_loader::insert_waiting() {
  sort_waiting();
  has_edge_ = false;  // the editor splits and joins the builder's nodes
  tree_editor editor(memory_, version_.number);
  for (const waiting_item& next : waiting_) {
    item* replaced = nullptr;
    if (is_erasure(*next.item)) {
      replaced = editor.erase<key_order>(version_.keys, next.item->key());
      drop(next.item);
    } else {
      replaced = editor.insert<key_order>(version_.keys, *next.item);
      ++version_.size;
    }
    if (replaced == nullptr) continue;
    drop(replaced);
    --version_.size;
  }
  waiting_bytes_ = 0;
  tree_bytes_ = version_.live_bytes;
  has_erasures_ = false;
}

void bulk_loader::append_waiting() {
  const waiting_item next = waiting_[next_++];
  if (has_erasures_ && is_erasure(*next.item)) {
    drop(next.item);
  } else {
    append(next.prefix, next.item);
  }
}

}  // namespace buntdb::engine
