#pragma once

#include <exception>

#include <buntstore/internal/warning_limiter.hpp>
#include <scs/event.hpp>
#include <scs/session_id.hpp>

namespace scs::detail {

/// Writes warnings to standard error for a manager whose application hears of no events.
/// Thread-safe.
class default_warnings {
 public:
  /// Whether the kind says that something is wrong with the server, and not what a visitor did.
  static bool covers(event_kind kind) noexcept;

  /// A line of a kind that is covered, at most one a minute of each kind. With the id, unless it is
  /// empty, and without what is known of the visitor.
  void warn(event_kind kind, const session_id& id, const std::exception_ptr& cause) noexcept;

 private:
  buntstore::warning_limiter limiter_{event_kind_count};
};

}  // namespace scs::detail
