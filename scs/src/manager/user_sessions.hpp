#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <scs/session_id.hpp>
#include <scs/user_session.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

// Rule 12: operations on all sessions of a user. A listing need not be consistent, so that a
// session that is being renewed may appear as the old one, the new one, both, or a tombstone. These
// functions combine them. They throw scs::error (store_failed) only, unless a comment says
// otherwise.

/// The live sessions. The one that was seen last is first. `ids` contains the store's ids in the
/// same order.
struct user_listing {
  std::vector<user_session> sessions{};
  std::vector<session_id> ids{};
};
user_listing list_sessions(manager_core& core, std::string_view user);

struct revoked_sessions {
  std::size_t count = 0;
  /// The watermark: sessions that began at that moment or before have ended.
  time_point until{};
};

/// Rule 18: ends all sessions of the user, whether they are stored already or not. The record of
/// `present` stays in the store, for a request that has yet to commit it. Also throws
/// store_timeout.
revoked_sessions revoke_sessions(manager_core& core, std::string_view user,
                                 const session_id& present);

/// Rule 18: the same for every user who has sessions, and for the sessions without a user. Returns
/// how many sessions there were.
std::size_t revoke_everybody(manager_core& core);

/// A session that is getting its user.
struct login {
  std::string_view user;
  /// The session's id. Empty before it is stored.
  session_id id{};
  time_point created{};
  /// Sessions that the login ends: the one that it renews, and those that it merges.
  std::vector<session_id> replaced{};
};

/// Rule 12: applies the limit to a login that was stored, and whose token nobody knows. It ends all
/// sessions but the newest ones. Concurrent calls agree which those are. Returns false if the login
/// itself is ended. Throws scs::error (too_many_sessions) if the options refuse logins beyond the
/// limit.
bool limit_sessions(manager_core& core, const login& fresh);

/// Applies the limit before the login is stored. Does nothing unless the options refuse logins.
void refuse_login_beyond_limit(manager_core& core, const login& fresh);

}  // namespace scs::detail
