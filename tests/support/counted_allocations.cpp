#include "counted_allocations.hpp"

#include <algorithm>

#include "replaced_new.hpp"

namespace test {

thread_local constinit allocations allocated;

void on_allocation(std::size_t size) {
  ++allocated.count;
  allocated.bytes += size;
  allocated.largest = std::max(allocated.largest, size);
}

}  // namespace test
