#include "engine/image.hpp"

#include "engine/index_table.hpp"
#include "engine/item_commands.hpp"
#include "engine/tree.hpp"
#include "log/batch.hpp"
#include "log/marker.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t batch_size = std::size_t{1} << 20U;

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
    const auto& item = *static_cast<const engine::item*>(at.entry());
    if (batch.size() + item.value_size > batch_size) give();
    append_item(batch, item);
  }
  give();
}

}  // namespace buntdb::engine
