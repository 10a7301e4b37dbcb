#pragma once

#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores that find a user's records by an index that can be lost while
/// the records remain, by a failover or an eviction. A manager calls it when session::set_user()
/// sets the user that the session has already.
///
/// Thread safety: any number of threads may call it at the same time.
class user_index {
 public:
  virtual ~user_index() = default;

  /// Writes the entry of the user's index by which store::for_each_of_user() finds the record,
  /// whether the entry exists or not. `expiry` is the record's expiry. Throws what store::commit()
  /// throws.
  virtual void write_index_entry(const session_id& id, std::string_view user,
                                 time_point expiry) = 0;
};

}  // namespace scs
