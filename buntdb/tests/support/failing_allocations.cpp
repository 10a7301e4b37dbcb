#include "support/failing_allocations.hpp"

#include <cstddef>
#include <new>

#include "replaced_new.hpp"

namespace buntdb::testing {

thread_local std::int64_t allocations_left = -1;

}  // namespace buntdb::testing

void test::on_allocation(std::size_t /*size*/) {
  using buntdb::testing::allocations_left;
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
}
