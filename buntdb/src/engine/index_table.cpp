#include "engine/index_table.hpp"

#include <algorithm>

namespace buntdb::engine {

index_table* index_table::create(memory& memory, std::uint64_t born, shared_catalog catalog) {
  constexpr std::size_t root_size = sizeof(void*);
  void* block = memory.allocate(sizeof(index_table) + catalog->slots() * root_size);
  auto* made = ::new (block) index_table(born, std::move(catalog));
  std::ranges::fill(made->roots(), nullptr);
  return made;
}

void index_table::destroy(memory& memory, index_table* table) noexcept {
  const std::size_t size = sizeof(index_table) + table->roots().size_bytes();
  table->~index_table();
  memory.deallocate(table, size);
}

}  // namespace buntdb::engine
