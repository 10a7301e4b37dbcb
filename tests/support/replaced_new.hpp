#pragma once

// Replaces all forms of operator new and operator delete in the program of the one source file that
// includes this. AddressSanitizer defines every form, and memory from one of its forms must not
// reach a replaced operator delete.

#include <cstddef>
#include <cstdlib>
#include <new>

namespace test {

/// Defined by the program. It is called before each allocation, which fails if it throws.
void on_allocation(std::size_t size);

inline void* allocate(std::size_t size, std::size_t alignment = 0) {
  on_allocation(size);
  // aligned_alloc() requires a multiple of the alignment.
  void* const block = alignment == 0
                          ? std::malloc(size == 0 ? 1 : size)
                          : std::aligned_alloc(alignment, (size / alignment + 1) * alignment);
  if (block == nullptr) throw std::bad_alloc{};
  return block;
}

inline void* allocate_or_null(std::size_t size, std::size_t alignment = 0) noexcept {
  try {
    return allocate(size, alignment);
  } catch (...) {
    return nullptr;
  }
}

}  // namespace test

// Not inline: the compiler would warn about a free() of memory from new.
#define BUNTSTORE_REPLACED [[gnu::noinline]]

BUNTSTORE_REPLACED void* operator new(std::size_t size) {
  return test::allocate(size);
}
BUNTSTORE_REPLACED void* operator new[](std::size_t size) {
  return test::allocate(size);
}
BUNTSTORE_REPLACED void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return test::allocate_or_null(size);
}
BUNTSTORE_REPLACED void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return test::allocate_or_null(size);
}
BUNTSTORE_REPLACED void* operator new(std::size_t size, std::align_val_t alignment) {
  return test::allocate(size, static_cast<std::size_t>(alignment));
}
BUNTSTORE_REPLACED void* operator new[](std::size_t size, std::align_val_t alignment) {
  return test::allocate(size, static_cast<std::size_t>(alignment));
}
BUNTSTORE_REPLACED void* operator new(std::size_t size, std::align_val_t alignment,
                                      const std::nothrow_t&) noexcept {
  return test::allocate_or_null(size, static_cast<std::size_t>(alignment));
}
BUNTSTORE_REPLACED void* operator new[](std::size_t size, std::align_val_t alignment,
                                        const std::nothrow_t&) noexcept {
  return test::allocate_or_null(size, static_cast<std::size_t>(alignment));
}

BUNTSTORE_REPLACED void operator delete(void* block) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete(void* block, const std::nothrow_t&) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block, const std::nothrow_t&) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block, std::align_val_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete(void* block, std::align_val_t,
                                        const std::nothrow_t&) noexcept {
  std::free(block);
}
BUNTSTORE_REPLACED void operator delete[](void* block, std::align_val_t,
                                          const std::nothrow_t&) noexcept {
  std::free(block);
}

#undef BUNTSTORE_REPLACED
