#include "engine/image.hpp"

#include <algorithm>
#include <array>

#include "engine/index_table.hpp"
#include "engine/item_commands.hpp"
#include "engine/tree.hpp"
#include "log/batch.hpp"
#include "log/marker.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t batch_size = std::size_t{1} << 20U;

}  // namespace

namespace {
template <class Function>
void walk(const node& at, Function& f) {
  if (at.level == 0) {
    for (unsigned i = 0; i < at.count; ++i) f(static_cast<const item*>(at.entries()[i]));
    return;
  }
  for (unsigned i = 0; i < at.count; ++i) {
    if (at.level == 1 && i + 1U < at.count) prefetch_leaf(at.children()[i + 1U]);
    walk(*at.children()[i], f);
  }
}
}  // namespace

void for_each_batch(const version& base, std::string& batch,
                    const std::function<void(std::size_t begin)>& emit) {
  std::size_t begin = log::begin_batch(batch);
  const auto give = [&] {
    if (batch.size() - begin <= log::marker_size) return;
    emit(begin);
    begin = log::begin_batch(batch);
  };
  if (base.indexes != nullptr) {
    for (const index_catalog::placed& index : base.indexes->catalog->all()) {
      const index_info& info = index.definition->info;
      if (info.keep) log::append_del(batch, kept_definition(info));
    }
  }
  const auto put = [&](const item& item) {
    if (batch.size() - begin + item.value_size > batch_size) give();
    append_item(batch, item);
  };
#ifndef D1
#define D1 16
#define D2 8
#endif
  std::array<const item*, 32> ring{};
  std::size_t n = 0;
  const auto fetch = [&](const item* at) {
    const char* bytes = reinterpret_cast<const char*>(at);
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);
    ring[n % 32] = at;
    ++n;
    if (n > D2) {
      const item* next = ring[(n - 1 - D2) % 32];
      const std::size_t size = std::min<std::size_t>(1024, 36 + next->key_size + next->value_size);
      for (std::size_t o = 128; o < size + 64; o += 64)
        __builtin_prefetch(reinterpret_cast<const char*>(next) + o);
    }
    if (n > D1) put(*ring[(n - 1 - D1) % 32]);
  };
  if (base.keys != nullptr) walk(*base.keys, fetch);
  for (std::size_t i = n > D1 ? n - D1 : 0; i < n; ++i) put(*ring[i % 32]);
  give();
  batch.resize(begin);
}

}  // namespace buntdb::engine
