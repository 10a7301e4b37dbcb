#include "platform/chunk.hpp"

#include <cstdint>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace buntdb::platform::chunk {

namespace {

char* map_bytes(std::size_t bytes) {
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(place);
}

/// Returns how far the address is past an aligned one.
std::size_t misalignment(const void* place) noexcept {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(place) % size);
}

}  // namespace

void* map() {
  char* place = map_bytes(size);
  if (misalignment(place) == 0) return place;
  ::munmap(place, size);
  place = map_bytes(2 * size);
  const std::size_t before = (size - misalignment(place)) % size;
  if (before != 0) ::munmap(place, before);
  ::munmap(place + before + size, size - before);
  return place + before;
}

void unmap(void* chunk) noexcept {
  ::munmap(chunk, size);
}

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
