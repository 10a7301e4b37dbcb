#pragma once

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if several servers share it: the time by which they agree whether
/// a login came before or after a revocation. Without it, session_options::clock decides, which is
/// enough for a store that one process has for itself.
///
/// Thread safety: from any number of threads at once.
class store_clock {
 public:
  virtual ~store_clock() = default;

  /// The engine's time; in a cluster, that of the server which has the record with this id. Throws
  /// what store::find() throws.
  virtual time_point engine_time(const session_id& id) = 0;
};

}  // namespace scs
