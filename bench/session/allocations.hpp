#pragma once

#include <cstddef>

namespace bench {

/// How often this thread has called operator new, which allocations.cpp replaces.
std::size_t allocations() noexcept;

}  // namespace bench
