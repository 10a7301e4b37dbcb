#include "platform/chunk.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace buntdb::platform::chunk {

namespace {

// These constants may be missing in the system's headers. Older kernels return EINVAL.
constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, Linux 5.14
constexpr int collapse = 25;        // MADV_COLLAPSE, Linux 6.1
constexpr std::size_t least_page = 4096;

char* map_bytes(std::size_t bytes) {
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(place);
}

/// Returns how far the address is past an aligned one.
std::size_t misalignment(const void* place) noexcept {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(place) % size);
}

/// `never` disables huge pages for everything except MADV_COLLAPSE.
bool system_wants_huge_pages() noexcept {
  std::FILE* file = std::fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
  if (file == nullptr) return false;
  char text[64] = {};
  const std::size_t length = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  return length != 0 && std::strstr(text, "[never]") == nullptr;
}

/// Allocates a huge page, which the host of a virtual machine must then provide, and frees it. The
/// next huge page is then probably this one. If the host is slow, the delay occurs here, where no
/// thread waits.
void fetch_page_from_host() noexcept {
  try {
    void* spare = map();
    prefer(spare, pages::huge);
    populate(spare);
    unmap(spare);
  } catch (const std::bad_alloc&) {  // no page at the moment
  }
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

void drop_pages(void* chunk) noexcept {
  static_cast<void>(::madvise(chunk, size, MADV_DONTNEED));
}

void prefer(void* chunk, pages wanted) noexcept {
  static_cast<void>(
      ::madvise(chunk, size, wanted == pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
}

void populate(void* chunk) noexcept {
  // Only if the system does not know this call. If there is no memory, the thread that touches the
  // page will find out.
  if (::madvise(chunk, size, populate_write) == 0 || errno != EINVAL) return;
  auto* bytes = static_cast<volatile char*>(chunk);
  for (std::size_t at = 0; at < size; at += least_page)
    bytes[at] = 0;
}

bool make_huge(void* chunk) noexcept {
  prefer(chunk, pages::huge);
  if (!system_wants_huge_pages()) return false;
  fetch_page_from_host();
  return ::madvise(chunk, size, collapse) == 0;
}

}  // namespace buntdb::platform::chunk
