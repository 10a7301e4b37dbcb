// Counts the work of the code under test. Compiled without the compiler's counting, and so that no
// loop here becomes a call of the function that contains it.

#include "work.hpp"

#include <cstring>

namespace {

std::uint64_t done = 0;

void count_bytes(std::size_t size) noexcept {
  done += 1 + size / 16;
}

}  // namespace

namespace buntstore::growth {

std::uint64_t work_done() noexcept {
  return done;
}

}  // namespace buntstore::growth

extern "C" {

void __sanitizer_cov_trace_pc() {
  ++done;
}

// Replaces the C library's functions, also for the standard library.

void* memmove(void* to, const void* from, std::size_t size) {
  count_bytes(size);
  auto* const out = static_cast<volatile char*>(to);
  const auto* const in = static_cast<const char*>(from);
  if (static_cast<const char*>(to) <= in) {
    for (std::size_t i = 0; i < size; ++i)
      out[i] = in[i];
  } else {
    for (std::size_t i = size; i-- > 0;)
      out[i] = in[i];
  }
  return to;
}

void* memcpy(void* to, const void* from, std::size_t size) {
  count_bytes(size);
  auto* const out = static_cast<volatile char*>(to);
  const auto* const in = static_cast<const char*>(from);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = in[i];
  return to;
}

void* memset(void* to, int byte, std::size_t size) {
  count_bytes(size);
  auto* const out = static_cast<volatile char*>(to);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<char>(byte);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* const first = static_cast<const volatile unsigned char*>(a);
  const auto* const second = static_cast<const volatile unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    const int difference = first[i] - second[i];
    if (difference == 0) continue;
    count_bytes(i);
    return difference;
  }
  count_bytes(size);
  return 0;
}

// The library's header declares memchr twice for C++, depending on the type of its argument.
void* counting_memchr(const void* in, int byte, std::size_t size) __asm__("memchr");
void* counting_memchr(const void* in, int byte, std::size_t size) {
  const auto* const bytes = static_cast<const volatile unsigned char*>(in);
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != static_cast<unsigned char>(byte)) continue;
    count_bytes(i);
    return const_cast<unsigned char*>(static_cast<const unsigned char*>(in)) + i;
  }
  count_bytes(size);
  return nullptr;
}

}  // extern "C"
