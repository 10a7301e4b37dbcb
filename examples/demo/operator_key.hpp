#pragma once

#include <mutex>
#include <string>
#include <string_view>

/// The secret that makes a browser the operator's. It is valid for one browser; then
/// another key replaces it. Any thread may call any function.
class operator_key {
 public:
  operator_key();

  /// The key that the server prints for its operator.
  std::string text() const;

  /// Returns whether this is the key. If so, it is replaced.
  bool take(std::string_view sent);

 private:
  mutable std::mutex mutex_;
  std::string key_;  // guarded by mutex_
};
