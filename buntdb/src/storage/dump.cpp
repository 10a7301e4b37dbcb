#include "storage/dump.hpp"

#include "index/roots.hpp"
#include "log/batch.hpp"
#include "log/marker.hpp"
#include "version/item_commands.hpp"
#include "version/item_walk.hpp"

namespace buntdb::engine {

namespace {

void append_kept_indexes(const version& base, std::string& out) {
  if (base.indexes == nullptr) return;
  for (const index_catalog::placed& index : base.indexes->catalog->all()) {
    const index_info& info = index.definition->info;
    if (info.persistent) log::append_del(out, kept_definition(info));
  }
  for (const set_aside_definition& one : base.indexes->catalog->set_aside())
    log::append_del(out, one.record);
}

}  // namespace

void append_dump(const version& base, std::string& out) {
  append_kept_indexes(base, out);
  item_walk items([&](const item& item) { append_item(out, item); });
  items.for_each_below(base.keys);
}

void for_each_dump_batch(const version& base, std::string& out,
                         const std::function<void(std::size_t begin)>& emit) {
  std::size_t begin = log::begin_batch(out);
  const auto is_empty = [&] { return out.size() - begin == log::marker_size; };
  append_kept_indexes(base, out);
  item_walk items([&](const item& item) {
    if (out.size() - begin + item.value_size > log::usual_batch_size && !is_empty()) {
      emit(begin);
      begin = log::begin_batch(out);
    }
    append_item(out, item);
  });
  items.for_each_below(base.keys);
  if (is_empty()) {
    out.resize(begin);
  } else {
    emit(begin);
  }
}

}  // namespace buntdb::engine
