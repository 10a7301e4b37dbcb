#include "platform/chunk.hpp"

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

namespace buntdb::platform::chunk {

/// Maps new pages over the old ones, because MADV_DONTNEED keeps the content here.
void drop_pages(void* chunk) noexcept {
  ::mmap(chunk, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
}

/// Programs have no huge pages here.
void prefer(void* /*chunk*/, pages /*wanted*/) noexcept {}

void populate(void* chunk) noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto* bytes = static_cast<volatile char*>(chunk);
  for (std::size_t at = 0; at < size; at += page)
    bytes[at] = 0;
}

bool make_huge(void* /*chunk*/) noexcept {
  return false;
}

}  // namespace buntdb::platform::chunk
