#pragma once

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores whose find() may answer from a copy. session::load_fresh()
/// calls it to forget the copy first.
///
/// Thread safety: any number of threads may call it at the same time.
class caching_store {
 public:
  virtual ~caching_store() = default;

  /// A find() that begins after this call is not answered from what was read before it. Does not
  /// call the engine.
  virtual void forget(const session_id& id) = 0;
};

}  // namespace scs
