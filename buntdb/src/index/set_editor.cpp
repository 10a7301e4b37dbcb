#include "index/set_editor.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "index/builder.hpp"
#include "index/unique.hpp"
#include "memory/prefetch.hpp"
#include "tree/dropped_tree.hpp"

namespace buntdb::engine {

namespace {

std::vector<shared_definition> definitions_of(const index_roots* table) {
  std::vector<shared_definition> all;
  if (table == nullptr) return all;
  for (const index_catalog::placed& index : table->catalog->all())
    all.push_back(index.definition);
  return all;
}

std::vector<set_aside_definition> set_aside_of(const index_roots* table) {
  if (table == nullptr) return {};
  return table->catalog->set_aside();
}

/// Returns whether there was one.
bool erase_named(std::vector<set_aside_definition>& from, std::string_view name) {
  return std::erase_if(from, [&](const auto& one) { return one.name == name; }) != 0;
}

/// Returns the catalog of a table with one more index.
shared_catalog catalog_with(const index_roots* table, const shared_definition& definition) {
  auto all = definitions_of(table);
  all.push_back(definition);
  return std::make_shared<const index_catalog>(std::move(all), set_aside_of(table));
}

/// Copies the roots of the indexes that both have.
void copy_roots(index_roots& from, index_roots& to) noexcept {
  for (const index_catalog::placed& index : to.catalog->all()) {
    const index_catalog::placed* before = from.catalog->find(index.definition->info.name);
    if (before != nullptr) {
      std::ranges::copy(from.roots_of(*before), to.roots_of(index).begin());
    }
  }
}

/// Index keys are usually extracted from the value, which is probably not in the cache.
void prefetch_value(const item& of) noexcept {
  constexpr std::size_t most = 512;
  const std::string_view value = of.value();
  prefetch(value.data(), std::min(value.size(), most));
}

}  // namespace

void index_set_editor::begin(version& draft) noexcept {
  draft_ = &draft;
  writer_.emplace(memory_, draft.number);
  frozen_ = false;
}

const index_definition* index_set_editor::find(std::string_view name) const noexcept {
  if (draft_->indexes == nullptr) return nullptr;
  const index_catalog::placed* index = draft_->indexes->catalog->find(name);
  return index == nullptr ? nullptr : index->definition.get();
}

/// Returns the draft's own table, with the roots that it began with.
index_roots& index_set_editor::own_table() {
  index_roots* table = draft_->indexes;
  return table->born == draft_->number ? *table : set_catalog(table->catalog);
}

/// Gives the draft a table of these indexes. Indexes that it had before keep their roots.
index_roots& index_set_editor::set_catalog(shared_catalog catalog) {
  index_roots* made = index_roots::create(memory_, draft_->number, std::move(catalog));
  index_roots* old = std::exchange(draft_->indexes, made);
  if (old == nullptr) return *made;
  if (made->catalog == old->catalog) {
    std::ranges::copy(old->roots(), made->roots().begin());
  } else {
    copy_roots(*old, *made);
  }
  if (old->born == draft_->number) {
    index_roots::destroy(memory_, old);
  } else {
    writer_->retire(old);
  }
  return *made;
}

void index_set_editor::change_matching(item* previous, item* made) {
  assert(made != nullptr || previous != nullptr);
  if (previous != nullptr) prefetch_value(*previous);
  const std::string_view key = (made != nullptr ? made : previous)->key();
  draft_->indexes->catalog->visit_matching(key, [&](const index_catalog::placed& index) {
    writer_->change(*index.definition, own_table().roots_of(index), previous, made);
  });
}

void index_set_editor::check_unique_matching(const entry& wanted, time_point now) const {
  const index_roots& table = *draft_->indexes;
  table.catalog->visit_matching(wanted.key, [&](const index_catalog::placed& index) {
    if (!index.definition->info.unique) return;
    require_unique(*index.definition, static_cast<const node*>(table.roots_of(index)[0]), wanted,
                   now);
  });
}

void index_set_editor::check_unique(const shared_definition& definition, time_point now) const {
  require_unique_items(memory_, *draft_, definition, now);
}

void index_set_editor::check_all_unique(time_point now) const {
  if (draft_->indexes == nullptr) return;
  for (const index_catalog::placed& index : draft_->indexes->catalog->all()) {
    if (index.definition->info.unique) check_unique(index.definition, now);
  }
}

void index_set_editor::clear() {
  if (draft_->indexes == nullptr) return;
  writer_->drop(own_table().roots());
}

void index_set_editor::create(const shared_definition& definition) {
  index_roots& table = set_catalog(catalog_with(draft_->indexes, definition));
  index_builder builder(memory_, draft_->number, definition,
                        table.roots_of(*table.catalog->find(definition->info.name)));
  builder.collect(*draft_);
  builder.insert_all();
}

void index_set_editor::adopt(const shared_definition& definition,
                             std::span<retirable* const> roots) {
  // If the draft is discarded, the trees are freed with it.
  struct tree_notes {
    engine::pool& pool;
    retired_chain chain;
    ~tree_notes() {  // notes of trees that were not adopted
      while (!chain.empty())
        dropped_tree::destroy(pool, static_cast<dropped_tree*>(chain.pop_front()));
    }
  } adopted{memory_, {}};
  for (retirable* root : roots) {
    if (root != nullptr) adopted.chain.push_back(dropped_tree::create(memory_, root));
  }
  index_roots& table = set_catalog(catalog_with(draft_->indexes, definition));
  std::ranges::copy(roots, table.roots_of(*table.catalog->find(definition->info.name)).begin());
  draft_->adopted.splice_back(adopted.chain);
}

void index_set_editor::drop(std::string_view name) {
  index_roots& table = own_table();
  writer_->drop(table.roots_of(*table.catalog->find(name)));
  std::vector<shared_definition> rest = definitions_of(&table);
  std::erase_if(rest, [&](const auto& definition) { return definition->info.name == name; });
  set_catalog(std::make_shared<const index_catalog>(std::move(rest), set_aside_of(&table)));
}

void index_set_editor::set_aside(set_aside_definition definition) {
  auto rest = set_aside_of(draft_->indexes);
  if (!definition.name.empty()) erase_named(rest, definition.name);
  rest.push_back(std::move(definition));
  set_catalog(
      std::make_shared<const index_catalog>(definitions_of(draft_->indexes), std::move(rest)));
}

bool index_set_editor::forget_set_aside(std::string_view name) {
  auto rest = set_aside_of(draft_->indexes);
  if (!erase_named(rest, name)) return false;
  set_catalog(
      std::make_shared<const index_catalog>(definitions_of(draft_->indexes), std::move(rest)));
  return true;
}

void index_set_editor::finish() noexcept {
  draft_->retired_count += writer_->retired_count();
  retired_chain retired = writer_->take_retired();
  draft_->retired.splice_back(retired);
  writer_.reset();
  draft_ = nullptr;
}

void index_set_editor::discard(pool& memory, version& draft) noexcept {
  if (index_roots* table = draft.indexes; table != nullptr && table->born == draft.number) {
    index_tree_editor::discard(memory, draft.number, table->roots());
    index_roots::destroy(memory, table);
  }
  draft.indexes = nullptr;
}

}  // namespace buntdb::engine
