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

/// Counts the sessions without a user, for bunt_options::max_anonymous_sessions. The database does
/// not count them, and its items expire by themselves. So each session is kept here with its
/// expiry, and expired ones are removed gradually. It does not use transactions.
///
/// Thread safety: any number of threads may call any function at the same time.
class bunt::anonymous_sessions {
 public:
  /// Zero: there is no limit, and nothing is kept.
  explicit anonymous_sessions(std::size_t max_count) noexcept : max_count_(max_count) {}

  bool is_limited() const noexcept { return max_count_ != 0; }

  /// Call it before a new session without a user is stored. Returns false if there is one with this
  /// id. Throws scs::error (store_full).
  bool take_place(const session_id& id, time_point expiry, time_point now);

  /// Call it when the record was stored, whatever it was before.
  void keep(const session_id& id, time_point expiry, bool has_user);
  /// Call it when the record's expiry was extended at least to this moment.
  void extend(const session_id& id, time_point expiry);
  /// Call it when the record does not exist any more.
  void remove(const session_id& id);

 private:
  void insert(const session_id& id, time_point expiry);
  void erase(const session_id& id);

  const std::size_t max_count_;
  std::mutex mutex_;  // guards the next two members, which have the same contents
  std::map<session_id, time_point> expiries_;
  std::set<std::pair<time_point, session_id>> by_expiry_;
};

}  // namespace scs::stores
