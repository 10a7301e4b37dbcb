#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/stores/bunt.hpp>

namespace scs::stores {

/// Which sessions have no user, for bunt_options::max_anonymous_sessions. They are counted here,
/// not in the database, whose sessions expire by themselves: so each is kept with its expiry, and
/// those that are over go little by little. Any thread; knows of no transaction.
class bunt::anonymous_sessions {
 public:
  /// Zero: no limit, and nothing is kept.
  explicit anonymous_sessions(std::size_t max_count) noexcept : max_count_(max_count) {}

  bool is_limited() const noexcept { return max_count_ != 0; }

  /// A new session without a user is about to be stored. False if there is one under this id.
  /// Throws scs::error (store_full).
  bool take_place(const session_id& id, time_point expiry, time_point now);

  /// The record is there now, whatever it was before.
  void keep(const session_id& id, time_point expiry, bool has_user);
  /// It lives at least this long now.
  void extend(const session_id& id, time_point expiry);
  /// It is not there.
  void remove(const session_id& id);

 private:
  void insert(const session_id& id, time_point expiry);
  void erase(const session_id& id);

  const std::size_t max_count_;
  std::mutex mutex_;  // guards the rest, which say the same
  std::map<session_id, time_point> expiries_;
  std::set<std::pair<time_point, session_id>> by_expiry_;
};

}  // namespace scs::stores
