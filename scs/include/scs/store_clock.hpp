#pragma once

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores that several servers share. It returns the time by which
/// these servers decide whether a login came before or after a revocation. Without it,
/// session_options::clock decides, which is sufficient for a store that only one process uses.
///
/// Thread safety: any number of threads may call it at the same time.
class store_clock {
 public:
  virtual ~store_clock() = default;

  /// Returns the engine's time. In a cluster, it is the time of the server that has the record with
  /// this id. Throws what store::find() throws.
  virtual time_point engine_time(const session_id& id) = 0;
};

}  // namespace scs
