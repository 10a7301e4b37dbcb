#pragma once

#include <buntstore/clock.hpp>

namespace scs {

/// One class for both libraries, so that one clock turns the time of both.
using buntstore::clock;
using buntstore::time_point;

}  // namespace scs
