#include "index/roots.hpp"

#include <algorithm>

namespace buntdb::engine {

index_roots* index_roots::create(pool& memory, std::uint64_t born, shared_catalog catalog) {
  constexpr std::size_t root_size = sizeof(void*);
  void* block = memory.allocate(sizeof(index_roots) + catalog->root_count() * root_size);
  auto* made = ::new (block) index_roots(born, std::move(catalog));
  std::ranges::fill(made->roots(), nullptr);
  return made;
}

void index_roots::destroy(pool& memory, index_roots* table) noexcept {
  const std::size_t size = sizeof(index_roots) + table->roots().size_bytes();
  table->~index_roots();
  memory.deallocate(table, size);
}

}  // namespace buntdb::engine
