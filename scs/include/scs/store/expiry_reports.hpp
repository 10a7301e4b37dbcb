#pragma once

#include <functional>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if it can tell of records that it removes by itself because they
/// have expired: for session_options::report_expired_sessions.
class expiry_reports {
 public:
  /// Of the record's id and payload. Called from any thread, without a lock of the store's; what it
  /// throws is dropped.
  using listener = std::function<void(const session_id&, std::string_view payload)>;

  virtual ~expiry_reports() = default;

  /// Replaces the listener; null: none. When this returns, the one before is not called any more.
  virtual void on_expired(listener call) = 0;
};

}  // namespace scs
