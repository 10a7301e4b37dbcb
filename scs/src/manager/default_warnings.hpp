#pragma once

#include <exception>

#include <buntstore/internal/warning_limiter.hpp>
#include <scs/event.hpp>
#include <scs/session_id.hpp>

namespace scs::detail {

/// Writes warnings to standard error for a manager whose application does not receive events.
/// Thread-safe.
class default_warnings {
 public:
  /// Whether an event of this kind means that something is wrong with the server, not with a
  /// request.
  static bool covers(event_kind kind) noexcept;

  /// Writes one line for a kind that is covered, at most one a minute for each kind. It contains
  /// the id, unless that is empty, and nothing that is known of the visitor.
  void warn(event_kind kind, const session_id& id, const std::exception_ptr& cause) noexcept;

 private:
  buntstore::warning_limiter limiter_{event_kind_count};
};

}  // namespace scs::detail
