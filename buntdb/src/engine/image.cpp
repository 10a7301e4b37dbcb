#include "engine/image.hpp"

#include <algorithm>

#include "engine/index_table.hpp"
#include "engine/item_commands.hpp"
#include "engine/tree.hpp"
#include "log/batch.hpp"
#include "log/marker.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t batch_size = std::size_t{1} << 20U;

/// Items in order of their keys lie anywhere in memory. The cursor has asked for the beginning of
/// those that come next; this asks for the rest of one of them, whose beginning says how long it
/// is.
void prefetch_rest_ahead(const cursor& at) noexcept {
  constexpr unsigned distance = 4;
  constexpr std::size_t line = 64;
  constexpr std::size_t asked_for = 2 * line;
  constexpr std::size_t limit = 16 * line;  // from there on the processor sees where it goes
  const cursor::step& leaf = at.way().back();
  if (leaf.index + distance >= leaf.at->count) return;
  const auto& ahead = *static_cast<const item*>(leaf.at->entries()[leaf.index + distance]);
  const std::size_t size = sizeof(item) + ahead.key_size + ahead.value_size;
  for (std::size_t offset = asked_for; offset < std::min(size, limit); offset += line)
    __builtin_prefetch(reinterpret_cast<const char*>(&ahead) + offset);
}

}  // namespace

void for_each_batch(const version& base, const std::function<void(std::string& batch)>& emit) {
  std::string batch;
  log::begin_batch(batch);
  const auto give = [&] {
    if (batch.size() <= log::marker_size) return;
    emit(batch);
    batch.clear();
    log::begin_batch(batch);
  };
  if (base.indexes != nullptr) {
    for (const index_catalog::placed& index : base.indexes->catalog->all()) {
      const index_info& info = index.definition->info;
      if (info.keep) log::append_del(batch, kept_definition(info));
    }
  }
  cursor at;
  for (at.seek_first(base.keys); !at.at_end(); at.next()) {
    prefetch_rest_ahead(at);
    const auto& item = *static_cast<const engine::item*>(at.entry());
    if (batch.size() + item.value_size > batch_size) give();
    append_item(batch, item);
  }
  give();
}

}  // namespace buntdb::engine
