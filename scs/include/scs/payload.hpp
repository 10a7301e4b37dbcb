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

/// What a payload says, between the bytes of a store and a session. Values are kept as JSON texts,
/// so that those which nobody touched are written back byte for byte.
/// The views point into the text that was decoded or into `kept`; who fills them sees to it that
/// this text outlives the payload.
struct payload {
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

  /// The session's values, in ascending order of key (bytewise), each key once.
  std::vector<member> data{};
  /// The absolute end of the session, whatever its idle time.
  time_point deadline{};
  /// What remember_me() said, if it was called: whether the cookie outlives the browser.
  std::optional<bool> remember_me{};
  /// What session::set_idle_timeout() said, if it was called: zero is none. Otherwise it is the
  /// manager's.
  std::optional<std::chrono::nanoseconds> idle_timeout{};
  /// Whose session it is; empty for nobody's. A tombstone keeps it.
  std::string_view user{};
  /// Of a user's session: when and where set_user() was called, and the time of the last commit.
  std::optional<time_point> created{};
  std::string_view where{};
  std::optional<time_point> seen{};
  /// Of a user's session: when it began, by the store's time. A user's revocation ends whatever
  /// began before it, and whatever does not say so. A renewal keeps it.
  std::optional<time_point> begun{};
  /// In a tombstone, the id of the session that this one was renewed to; empty otherwise.
  std::string moved_to{};
  /// In a session that was renewed, until its next commit: the id that it had before.
  std::string_view renewed_from{};
  /// Members beside these that a later version of this library wrote: kept as they are.
  std::vector<member> others{};
  /// Owns the texts that are not found verbatim in what was decoded. Moving does not move them.
  std::forward_list<std::string> kept{};
};

}  // namespace scs
