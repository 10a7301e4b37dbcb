#pragma once

#include <string>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// One of a user's sessions, as session_manager::sessions_of() lists them: a line of the page
/// "where you are logged in". Holds no token.
struct user_session {
  /// For session_manager::revoke(user, id). No secret; the same as session::id().
  session_id id{};
  /// When session::set_user() was called.
  time_point created{};
  /// The last commit or, later, the last request that extended the idle time: up to a twentieth of
  /// the idle timeout early. Without an idle timeout, and in the last idle timeout before the
  /// deadline, requests that change nothing leave no trace.
  time_point last_seen{};
  /// What the handler told session::set_user().
  std::string where{};
  /// The absolute end.
  time_point deadline{};
  /// Whether it is the session that was asked on behalf of.
  bool current = false;
};

}  // namespace scs
