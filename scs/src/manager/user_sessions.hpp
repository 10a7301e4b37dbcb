#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <scs/session_id.hpp>
#include <scs/user_session.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

// Rule 12: what a manager does with all sessions of a user. A listing need not be one moment's
// picture, so that a session that is being renewed may appear as the old one, the new one, both or
// a tombstone; these functions make one of it. None of them throws but scs::error (store_failed).

/// The live ones, those that were seen last first. `ids` holds the store's own ids, in that order.
struct user_listing {
  std::vector<user_session> sessions{};
  std::vector<session_id> ids{};
};
user_listing list_sessions(manager_core& core, std::string_view user);

struct revoked_sessions {
  std::size_t count = 0;
  /// The watermark: what began then or before has ended.
  time_point until{};
};

/// Rule 18: ends all of them, whether they are stored already or not. The record of `present` is
/// left in the store, for a request that still has to commit it. Also throws store_timeout.
revoked_sessions revoke_sessions(manager_core& core, std::string_view user,
                                 const session_id& present);

/// Rule 18: the same for every user who has sessions, and ends what is nobody's. Returns how many
/// sessions there were.
std::size_t revoke_everybody(manager_core& core);

/// A session that becomes a user's.
struct login {
  std::string_view user;
  /// The session's; empty before it is stored.
  session_id id{};
  time_point created{};
  /// Sessions that the login ends: the one that it renews, and those that it takes over.
  std::vector<session_id> replaced{};
};

/// Rule 12: applies the limit to a login that has been stored, and whose token nobody knows. Ends
/// those beyond the newest ones, on which any number of threads that call it at once agree; false
/// if the login is one of these. Or throws scs::error (too_many_sessions), if the limit is to
/// refuse logins.
bool limit_sessions(manager_core& core, const login& fresh);

/// Before it is stored. Does nothing unless the limit is to refuse logins.
void refuse_login_beyond_limit(manager_core& core, const login& fresh);

}  // namespace scs::detail
