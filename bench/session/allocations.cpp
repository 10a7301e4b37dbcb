#include "session/allocations.hpp"

#include "replaced_new.hpp"

namespace {

thread_local std::size_t count = 0;

}  // namespace

std::size_t bench::allocations() noexcept {
  return count;
}

void test::on_allocation(std::size_t /*size*/) {
  ++count;
}
