#pragma once

#include <buntstore/clock.hpp>

namespace buntdb {

/// The clock class that both libraries share, so that one test clock controls the time of both.
using buntstore::clock;
/// Wall-clock time in nanoseconds, also shared by both libraries.
using buntstore::time_point;

}  // namespace buntdb
