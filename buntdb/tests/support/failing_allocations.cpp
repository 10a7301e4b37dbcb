#include "support/failing_allocations.hpp"

#include <cstddef>
#include <cstdlib>

namespace buntdb::testing {

thread_local std::int64_t allocations_left = -1;

}  // namespace buntdb::testing

void* operator new(std::size_t size) {
  using buntdb::testing::allocations_left;
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
