#pragma once

#include <functional>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores that can report the records that they remove because they
/// have expired. It is used for session_options::report_expired_sessions.
class expiry_reports {
 public:
  /// Gets the record's id and payload. Called on any thread, without a lock of the store.
  /// Exceptions that it throws are dropped.
  using listener = std::function<void(const session_id&, std::string_view payload)>;

  virtual ~expiry_reports() = default;

  /// Replaces the listener. Null: there is none. When this function returns, the previous listener
  /// is not called any more.
  virtual void on_expired(listener call) = 0;
};

}  // namespace scs
