#include "bunt/anonymous_sessions.hpp"

#include <string>

#include <scs/error.hpp>

namespace scs::stores {

bool bunt::anonymous_sessions::take_place(const session_id& id, time_point expiry, time_point now) {
  const std::lock_guard lock{mutex_};
  // Removing two for each new one is enough in the long run. More are removed only if there would
  // be no room otherwise.
  constexpr int removed_for_one = 2;
  constexpr int removed_for_room = 256;
  const int most = expiries_.size() < max_count_ ? removed_for_one : removed_for_room;
  for (int i = 0; i < most && !by_expiry_.empty() && by_expiry_.begin()->first <= now; ++i)
    erase(session_id{by_expiry_.begin()->second});
  if (expiries_.contains(id)) return false;
  if (expiries_.size() >= max_count_) {
    throw error(errc::store_full, "the database holds " + std::to_string(max_count_) +
                                      " sessions without a user, as many as "
                                      "max_anonymous_sessions allows");
  }
  insert(id, expiry);
  return true;
}

void bunt::anonymous_sessions::keep(const session_id& id, time_point expiry, bool has_user) {
  const std::lock_guard lock{mutex_};
  erase(id);
  if (!has_user) insert(id, expiry);
}

void bunt::anonymous_sessions::extend(const session_id& id, time_point expiry) {
  const std::lock_guard lock{mutex_};
  const auto found = expiries_.find(id);
  if (found == expiries_.end() || found->second >= expiry) return;
  erase(id);
  insert(id, expiry);
}

void bunt::anonymous_sessions::remove(const session_id& id) {
  const std::lock_guard lock{mutex_};
  erase(id);
}

void bunt::anonymous_sessions::insert(const session_id& id, time_point expiry) {
  by_expiry_.emplace(expiry, id);
  try {
    expiries_.emplace(id, expiry);
  } catch (...) {
    by_expiry_.erase({expiry, id});
    throw;
  }
}

void bunt::anonymous_sessions::erase(const session_id& id) {
  const auto found = expiries_.find(id);
  if (found == expiries_.end()) return;
  by_expiry_.erase({found->second, id});
  expiries_.erase(found);
}

}  // namespace scs::stores
