#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/payload.hpp>
#include <scs/session_id.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

// Rule 18 (revocation): a user's watermark says that sessions which began at that moment or before
// have ended. It is a separate record under a reserved id. These functions throw scs::error
// (store_failed) if the watermark cannot be read: the session is then neither ended nor accepted.

/// Returns the moment up to which the user's sessions have ended. The earliest moment if none has.
time_point revoked_until(manager_core& core, std::string_view user);
/// The same, without a caching_store's copy.
time_point fresh_revoked_until(manager_core& core, std::string_view user);

/// The same for the user of a session that was found as `read`. It asks the store again only if
/// `read` does not contain this user's watermark.
time_point revoked_until(manager_core& core, std::string_view user,
                         const session_with_watermark& read, read_from from);

/// Whether a user's session was ended. A session without a beginning, which an older version wrote,
/// began before any revocation.
bool is_revoked(const payload& contents, time_point until) noexcept;
bool is_revoked(manager_core& core, const payload& contents);

struct raised_watermark {
  time_point before;
  time_point now;
};

/// Ends all of the user's sessions that have begun, also those that are not stored yet. Also throws
/// store_timeout.
raised_watermark raise_watermark(manager_core& core, std::string_view user);

/// Extends the watermark's life at least to that moment.
void keep_watermark(manager_core& core, std::string_view user, time_point until);

/// Returns when a session of this user began whose request was loaded at `start`.
time_point began(manager_core& core, std::string_view user, const request_start& start);

}  // namespace scs::detail
