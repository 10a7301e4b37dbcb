#include "memory/huge_page_converter.hpp"

#include "memory/pool.hpp"
#include "platform/chunk.hpp"

namespace buntdb::engine {

void huge_page_converter::take_over() {
  small_ = memory_.take_small_chunks();
}

unsigned huge_page_converter::step() noexcept {
  constexpr unsigned at_most = 16;
  unsigned converted = 0;
  for (; converted < at_most && !small_.empty(); ++converted) {
    static_cast<void>(chunk::make_huge(small_.back()));
    small_.pop_back();
  }
  return converted;
}

void huge_page_converter::leave_to_kernel() noexcept {
  for (void* small : small_)
    chunk::prefer(small, chunk::pages::huge);
  small_.clear();
}

}  // namespace buntdb::engine
