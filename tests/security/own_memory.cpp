#include "own_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

namespace test {

namespace {

struct mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
};

/// Returns the memory that the process may write to.
std::vector<mapping> own_mappings() {
  std::vector<mapping> found;
  std::FILE* const maps = std::fopen("/proc/self/maps", "r");
  if (maps == nullptr) throw std::runtime_error("/proc/self/maps cannot be read");
  unsigned long begin = 0;
  unsigned long end = 0;
  char access[8];
  constexpr std::uintptr_t largest = std::uintptr_t{4} << 30U;
  while (std::fscanf(maps, "%lx-%lx %7s%*[^\n]", &begin, &end, access) == 3) {
    if (access[0] == 'r' && access[1] == 'w' && end - begin <= largest) {
      found.push_back({begin, end});
    }
  }
  std::fclose(maps);
  return found;
}

/// Finds the pages with contents: reading the other pages would allocate them.
class page_map {
 public:
  page_map() : file_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~page_map() { close(file_); }
  page_map(const page_map&) = delete;
  page_map& operator=(const page_map&) = delete;

  bool is_used(std::uintptr_t address) const noexcept {
    std::uint64_t entry = 0;
    const auto place = static_cast<off_t>(address / page_size * sizeof entry);
    if (pread(file_, &entry, sizeof entry, place) != static_cast<ssize_t>(sizeof entry))
      return true;
    constexpr unsigned present = 63;
    constexpr unsigned swapped = 62;
    return (entry >> present & 1U) != 0 || (entry >> swapped & 1U) != 0;
  }

  static constexpr std::uintptr_t page_size = 4096;

 private:
  const int file_;
};

}  // namespace

searched_secret::searched_secret(std::string_view secret) noexcept
    : size_(std::min(secret.size(), max_size)) {
  for (std::size_t i = 0; i < size_; ++i)
    masked_[i] = static_cast<unsigned char>(secret[i]) ^ mask;
}

// Freed memory, and what surrounds objects, is searched, too.
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
__attribute__((no_sanitize("address")))
#endif
bool searched_secret::is_at(const unsigned char* place) const noexcept {
  for (std::size_t i = 0; i < size_; ++i) {
    if ((place[i] ^ mask) != masked_[i]) return false;
  }
  return true;
}

#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
__attribute__((no_sanitize("address")))
#endif
std::size_t
searched_secret::count_in(const unsigned char* begin, const unsigned char* end) const noexcept {
  std::size_t count = 0;
  for (const unsigned char* place = begin; place + size_ <= end; ++place) {
    if (is_at(place)) ++count;
  }
  return count;
}

std::size_t searched_secret::count_in_own_memory() const {
  const page_map pages;
  std::size_t count = 0;
  for (const mapping& each : own_mappings()) {
    std::uintptr_t begin = each.begin;
    while (begin < each.end) {
      while (begin < each.end && !pages.is_used(begin))
        begin += page_map::page_size;
      std::uintptr_t end = begin;
      while (end < each.end && pages.is_used(end))
        end += page_map::page_size;
      count += count_in(reinterpret_cast<const unsigned char*>(begin),
                        reinterpret_cast<const unsigned char*>(end));
      begin = end;
    }
  }
  return count;
}

}  // namespace test
