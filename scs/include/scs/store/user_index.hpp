#pragma once

#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if it finds the records of a user by an index that can be lost
/// while the records stay: by a failover, or an eviction. A manager calls it when a session is
/// given the user that it has already (session::set_user()).
///
/// Thread safety: from any number of threads at once.
class user_index {
 public:
  virtual ~user_index() = default;

  /// Writes the entry of the user's index by which store::for_each_of_user() finds the record,
  /// whether it is there or not. `expiry` is that of the record. Throws what store::commit()
  /// throws.
  virtual void write_index_entry(const session_id& id, std::string_view user,
                                 time_point expiry) = 0;
};

}  // namespace scs
