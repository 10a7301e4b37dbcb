#include "engine/index_editor.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "engine/index_builder.hpp"
#include "engine/prefetch.hpp"
#include "engine/tree_felling.hpp"

namespace buntdb::engine {

namespace {

std::vector<shared_definition> definitions_of(const index_table* table) {
  std::vector<shared_definition> all;
  if (table == nullptr) return all;
  for (const index_catalog::placed& index : table->catalog->all())
    all.push_back(index.definition);
  return all;
}

/// Of the indexes that both have.
void copy_roots(index_table& from, index_table& to) noexcept {
  for (const index_catalog::placed& index : to.catalog->all()) {
    const index_catalog::placed* before = from.catalog->find(index.definition->info.name);
    if (before != nullptr) {
      std::ranges::copy(from.roots_of(*before), to.roots_of(index).begin());
    }
  }
}

/// What indexes are ordered by is mostly found in here; nobody has read it for long.
void prefetch_value(const item& of) noexcept {
  constexpr std::size_t most = 512;
  const std::string_view value = of.value();
  prefetch(value.data(), std::min(value.size(), most));
}

}  // namespace

void index_editor::begin(version& draft) noexcept {
  draft_ = &draft;
  writer_.emplace(memory_, draft.number);
  frozen_ = false;
}

const index_definition* index_editor::find(std::string_view name) const noexcept {
  if (draft_->indexes == nullptr) return nullptr;
  const index_catalog::placed* index = draft_->indexes->catalog->find(name);
  return index == nullptr ? nullptr : index->definition.get();
}

/// The draft's own table, with the roots that it began with.
index_table& index_editor::own_table() {
  index_table* table = draft_->indexes;
  return table->born == draft_->number ? *table : set_catalog(table->catalog);
}

/// Gives the draft a table of these indexes; those that it had before keep their roots.
index_table& index_editor::set_catalog(shared_catalog catalog) {
  index_table* made = index_table::create(memory_, draft_->number, std::move(catalog));
  index_table* old = std::exchange(draft_->indexes, made);
  if (old == nullptr) return *made;
  if (made->catalog == old->catalog) {
    std::ranges::copy(old->roots(), made->roots().begin());
  } else {
    copy_roots(*old, *made);
  }
  if (old->born == draft_->number) {
    index_table::destroy(memory_, old);
  } else {
    writer_->retire(old);
  }
  return *made;
}

void index_editor::change_matching(item* previous, item* made) {
  assert(made != nullptr || previous != nullptr);
  if (previous != nullptr) prefetch_value(*previous);
  const std::string_view key = (made != nullptr ? made : previous)->key();
  draft_->indexes->catalog->visit_matching(key, [&](const index_catalog::placed& index) {
    writer_->change(*index.definition, own_table().roots_of(index), previous, made);
  });
}

void index_editor::clear() {
  if (draft_->indexes == nullptr) return;
  writer_->drop(own_table().roots());
}

void index_editor::create(const shared_definition& definition) {
  auto all = definitions_of(draft_->indexes);
  all.push_back(definition);
  index_table& table = set_catalog(std::make_shared<const index_catalog>(std::move(all)));
  index_builder builder(memory_, draft_->number, definition,
                        table.roots_of(*table.catalog->find(definition->info.name)));
  builder.collect(*draft_);
  builder.place_all();
}

void index_editor::adopt(const shared_definition& definition, std::span<retirable* const> roots) {
  // If the draft comes to nothing, so do the trees.
  struct tree_notes {
    engine::memory& pool;
    retired_chain chain;
    ~tree_notes() {  // of trees that were not adopted
      while (!chain.empty())
        dropped_tree::destroy(pool, static_cast<dropped_tree*>(chain.pop_front()));
    }
  } adopted{memory_, {}};
  for (retirable* root : roots) {
    if (root != nullptr) adopted.chain.push_back(dropped_tree::create(memory_, root));
  }
  auto all = definitions_of(draft_->indexes);
  all.push_back(definition);
  index_table& table = set_catalog(std::make_shared<const index_catalog>(std::move(all)));
  std::ranges::copy(roots, table.roots_of(*table.catalog->find(definition->info.name)).begin());
  draft_->adopted.splice_back(adopted.chain);
}

void index_editor::drop(std::string_view name) {
  index_table& table = own_table();
  writer_->drop(table.roots_of(*table.catalog->find(name)));
  std::vector<shared_definition> rest = definitions_of(&table);
  std::erase_if(rest, [&](const auto& definition) { return definition->info.name == name; });
  set_catalog(std::make_shared<const index_catalog>(std::move(rest)));
}

void index_editor::finish() noexcept {
  draft_->retired_count += writer_->retired_count();
  retired_chain retired = writer_->take_retired();
  draft_->retired.splice_back(retired);
  writer_.reset();
  draft_ = nullptr;
}

void index_editor::discard(memory& memory, version& draft) noexcept {
  if (index_table* table = draft.indexes; table != nullptr && table->born == draft.number) {
    index_writer::discard(memory, draft.number, table->roots());
    index_table::destroy(memory, table);
  }
  draft.indexes = nullptr;
}

}  // namespace buntdb::engine
