#pragma once

#include <buntstore/clock.hpp>

namespace scs {

/// scs and buntdb share this class, so that one clock sets the time of both.
using buntstore::clock;
using buntstore::time_point;

}  // namespace scs
