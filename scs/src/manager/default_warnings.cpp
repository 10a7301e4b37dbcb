#include "manager/default_warnings.hpp"

#include <chrono>
#include <string>

#include <unistd.h>

#include <buntstore/internal/standard_error.hpp>

namespace scs::detail {

bool default_warnings::covers(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::payload_undecodable:
    case event_kind::touch_failed:
    case event_kind::cleanup_failed:
    case event_kind::store_full:
    case event_kind::logout_not_durable:
    case event_kind::store_warning:
      return true;
    default:
      return false;
  }
}

void default_warnings::warn(event_kind kind, const session_id& id,
                            const std::exception_ptr& cause) noexcept {
  try {
    const auto withheld =
        limiter_.admit(static_cast<std::size_t>(kind), std::chrono::steady_clock::now());
    if (!withheld) return;
    event happened{.kind = kind, .id = {}, .cause = cause};
    if (!id.empty()) happened.id = id;
    buntstore::write_line_at_once(STDERR_FILENO, "scs: " + log_line(happened) +
                                                     buntstore::warning_limiter::suffix(*withheld));
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to say so
  }
}

}  // namespace scs::detail
