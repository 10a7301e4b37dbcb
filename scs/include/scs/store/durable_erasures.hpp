#pragma once

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if what it has erased can come back after a power cut: because it
/// is durable only some time after erase() or commit() has returned. A manager calls it before a
/// logout is answered (session_options::durable_logouts). A store that implements nothing of this
/// is taken to be durable when a call returns, or never.
///
/// Thread safety: from any number of threads at once.
class durable_erasures {
 public:
  virtual ~durable_erasures() = default;

  /// Returns when each erasure and revocation that this object completed before the call is
  /// durable. Blocks for a disk or a network, but returns at once if there is none to wait for.
  /// Throws what store::erase() throws; the erasures have taken place even so.
  virtual void sync_erasures() = 0;
};

}  // namespace scs
