#pragma once

#include <string>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// One of a user's sessions, as session_manager::sessions_of() lists them: a line of a page "where
/// you are logged in". It contains no token.
struct user_session {
  /// For session_manager::revoke(user, id). It is not a secret, and equals session::id().
  session_id id{};
  /// When session::set_user() was called.
  time_point created{};
  /// The last commit or, if it is later, the last request that extended the idle time. It may be up
  /// to a twentieth of the idle timeout too early. Requests that change nothing do not update it if
  /// there is no idle timeout, or if the deadline is less than an idle timeout away.
  time_point last_seen{};
  /// The client's description that the handler passed to session::set_user().
  std::string where{};
  /// The absolute end of the session.
  time_point deadline{};
  /// Whether it is the session that was passed to sessions_of().
  bool current = false;
};

}  // namespace scs
