#pragma once

#include <chrono>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// The decoded form of the bytes that a store keeps for a session. Values are JSON texts, so that
/// values that nobody changed are written back byte for byte. The views point into the decoded text
/// or into `kept`. Whoever fills a payload must make sure that the decoded text outlives it.
struct payload {
  /// One value with its key.
  struct member {
    /// UTF-8, without quotes or escapes.
    std::string_view key{};
    /// One JSON value.
    std::string_view json{};
  };

  payload() = default;
  payload(payload&&) = default;
  payload& operator=(payload&&) = default;
  payload(const payload&) = delete;
  payload& operator=(const payload&) = delete;
  ~payload() = default;

  /// The session's values in ascending order of their keys (bytewise). Each key occurs once.
  std::vector<member> data{};
  /// The absolute end of the session, whatever its idle time.
  time_point deadline{};
  /// The choice passed to session::remember_me(): whether the cookie remains when the browser is
  /// closed. Empty if it was not called.
  std::optional<bool> remember_me{};
  /// The time passed to session::set_idle_timeout(); zero means no timeout. Empty if it was not
  /// called: the manager's option applies.
  std::optional<std::chrono::nanoseconds> idle_timeout{};
  /// The session's user. Empty if it has none. A tombstone keeps it.
  std::string_view user{};
  /// Only in a session with a user: when set_user() was called, the client's description that was
  /// passed to it, and the time of the last commit.
  std::optional<time_point> created{};
  std::string_view where{};
  std::optional<time_point> seen{};
  /// Only in a session with a user: when the session began, by the store's time. A revocation of a
  /// user's sessions ends all that began before it and all without this value. A renewal keeps it.
  std::optional<time_point> begun{};
  /// Only in a tombstone: the id of the session to which this one was renewed. Otherwise empty.
  std::string moved_to{};
  /// Only in a session that was renewed, until its next commit: its former id.
  std::string_view renewed_from{};
  /// Other members, which a later version of this library wrote. They are kept unchanged.
  std::vector<member> others{};
  /// Owns texts that do not occur verbatim in the decoded text. Moving the payload does not move
  /// these texts.
  std::forward_list<std::string> kept{};
};

}  // namespace scs
