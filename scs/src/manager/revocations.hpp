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
// have ended. It is a record of its own, under a reserved id. What these functions throw is
// scs::error (store_failed): a watermark that cannot be read ends nothing and spares nothing.

/// The moment up to which the user's sessions have ended; the earliest one if none has.
time_point revoked_until(manager_core& core, std::string_view user);
/// Not from a copy that a caching_store has.
time_point fresh_revoked_until(manager_core& core, std::string_view user);

/// The same for the user of a session that `read` was found with; the store is asked again only if
/// it has not told the watermark of this user.
time_point revoked_until(manager_core& core, std::string_view user,
                         const session_with_watermark& read, read_from from);

/// Whether a user's session has been ended. One that does not say when it began (of an older
/// version) began before any revocation.
bool is_revoked(const payload& contents, time_point until) noexcept;
bool is_revoked(manager_core& core, const payload& contents);

struct raised_watermark {
  time_point before;
  time_point now;
};

/// Ends all of the user's sessions that have begun, also those that are not stored yet. Also throws
/// store_timeout.
raised_watermark raise_watermark(manager_core& core, std::string_view user);

/// Keeps the watermark until then, at least.
void keep_watermark(manager_core& core, std::string_view user, time_point until);

/// When a session of this user began whose request was loaded at `start`.
time_point began(manager_core& core, std::string_view user, const request_start& start);

}  // namespace scs::detail
