#include "index/builder.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "index/unique.hpp"

namespace buntdb::engine {

index_builder::index_builder(pool& memory, std::uint64_t born, shared_definition definition,
                             std::span<retirable*> roots)
    : memory_(memory),
      born_(born),
      definition_(std::move(definition)),
      roots_(roots),
      writer_(memory, born),
      tree_(memory, born) {}

/// Returns whether the items can be sorted before the trees are made. A user-supplied ordering may
/// contradict itself, which std::sort would not survive but a tree does.
bool index_builder::goes_by_sort_keys() const noexcept {
  return !definition_->spatial() && !definition_->order.has_custom();
}

void index_builder::collect(const version& base) {
  const std::string_view prefix = definition_->key_beginning();
  cursor at;
  for (at.seek_from<key_order>(base.keys, prefix, false); !at.at_end(); at.next()) {
    auto* item = static_cast<engine::item*>(at.entry());
    if (!item->key().starts_with(prefix)) break;
    if (definition_->pattern.matches(item->key())) collect_one(item);
  }
  if (!goes_by_sort_keys()) return;
  std::sort(collected_.begin(), collected_.end(), [this](const auto& a, const auto& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    if (const int order = sort_key(a).compare(sort_key(b)); order != 0) return order < 0;
    return a.item->key() < b.item->key();
  });
}

void index_builder::collect_one(item* item) {
  sorted_item one{0, sort_keys_.size(), 0, item};
  if (goes_by_sort_keys()) {
    const bool found = definition_->order.append_sort_key({item->key(), item->value()}, sort_keys_);
    if (!found && definition_->info.sparse) {
      sort_keys_.resize(one.offset);
      return;
    }
    index_entry::check_size(sort_keys_.size() - one.offset);
    one.size = static_cast<std::uint32_t>(sort_keys_.size() - one.offset);
    one.prefix = index_order::prefix_of(
        {sort_key(one), {item->key(), item->value()}, index_order::tie::by_key, definition_.get()});
  }
  collected_.push_back(one);
}

void index_builder::check_unique(time_point now) const {
  const sorted_item* last = nullptr;  // the last one that has not expired
  for (const sorted_item& one : collected_) {
    if (one.item->expired(now)) continue;
    if (last != nullptr && sort_key(*last) == sort_key(one)) {
      throw_not_unique(*definition_, one.item->key(), last->item->key());
    }
    last = &one;
  }
}

void index_builder::check_unique(const changed_item& change, time_point now) const {
  const item* made = change.now;
  if (made == nullptr || made->expired(now) || !definition_->pattern.matches(made->key())) return;
  require_unique(*definition_, static_cast<const node*>(roots_[0]), {made->key(), made->value()},
                 now);
}

bool index_builder::insert_some(std::size_t limit) {
  const std::size_t end = placed_ + std::min(limit, collected_.size() - placed_);
  for (; placed_ != end; ++placed_) {
    if (goes_by_sort_keys()) {
      append(collected_[placed_]);
    } else {
      writer_.change(*definition_, roots_, nullptr, collected_[placed_].item);
    }
  }
  return placed_ != collected_.size();
}

void index_builder::insert_all() {
  if (definition_->spatial() && !definition_->remembers_rects) {
    load_spatial();
  } else {
    insert_some(collected_.size());
  }
}

void index_builder::load_spatial() {
  std::map<std::size_t, spatial::rtree_loader> by_dimensions;
  for (const sorted_item& one : collected_) {
    const std::optional<rect> where = definition_->info.extract_rect(one.item->value());
    if (!where) continue;
    by_dimensions.try_emplace(where->dimensions(), where->dimensions())
        .first->second.add(*where, one.item);
  }
  for (auto& [dimensions, loader] : by_dimensions)
    roots_[dimensions - 1] = loader.build(memory_, born_);
  placed_ = collected_.size();
}

void index_builder::append(const sorted_item& one) {
  if (!definition_->info.keep_sort_keys) {
    tree_.append(one.prefix, &index_place::of(*one.item));
  } else {
    index_entry* entry = index_entry::create(memory_, born_, one.item, sort_key(one));
    try {
      tree_.append(one.prefix, entry);
    } catch (...) {
      index_entry::destroy(memory_, entry);
      throw;
    }
  }
  roots_[0] = tree_.root();
}

void index_builder::apply(const changed_item& change) {
  const item* either = change.now != nullptr ? change.now : change.previous;
  if (!definition_->pattern.matches(either->key())) return;
  writer_.change(*definition_, roots_, change.previous, change.now);
}

void require_unique_items(pool& memory, const version& in, const shared_definition& definition,
                          time_point now) {
  retirable* no_root = nullptr;
  index_builder builder(memory, in.number, definition, {&no_root, 1});
  builder.collect(in);
  builder.check_unique(now);
}

}  // namespace buntdb::engine
