#include "platform/chunk.hpp"

#include <cerrno>
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
