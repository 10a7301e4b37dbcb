#include "platform/chunk.hpp"

#include <cstdint>
#include <new>

#include <sys/mman.h>

namespace buntdb::platform::chunk {

namespace {

char* map_bytes(std::size_t bytes) {
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(place);
}

/// Returns how far the address is past an aligned one.
std::size_t misalignment(const void* place) noexcept {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(place) % size);
}

}  // namespace

void* map() {
  // Linux since 6.7 aligns mappings of this size; older versions place one below the other.
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

}  // namespace buntdb::platform::chunk
