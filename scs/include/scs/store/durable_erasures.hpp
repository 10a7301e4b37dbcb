#pragma once

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores in which an erased record can return after a power failure,
/// because erase() and commit() become durable only some time after they have returned. A manager
/// calls it before it answers a logout (session_options::durable_logouts). A store without this
/// interface is assumed to be durable when a call returns, or never.
///
/// Thread safety: any number of threads may call it at the same time.
class durable_erasures {
 public:
  virtual ~durable_erasures() = default;

  /// Returns when each erasure and revocation that this object completed before the call is
  /// durable. Blocks for a disk or a network, but returns immediately if there is nothing to wait
  /// for. Throws what store::erase() throws. The erasures have taken place even then.
  virtual void sync_erasures() = 0;
};

}  // namespace scs
