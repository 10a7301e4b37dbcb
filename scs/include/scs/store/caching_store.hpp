#pragma once

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if its find() may answer from a copy: session::load_fresh() asks
/// it to forget the copy first.
///
/// Thread safety: from any number of threads at once.
class caching_store {
 public:
  virtual ~caching_store() = default;

  /// A find() that begins after this call is not answered from what was read before it. Asks no
  /// engine.
  virtual void forget(const session_id& id) = 0;
};

}  // namespace scs
