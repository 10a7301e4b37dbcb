#pragma once

#include <mutex>
#include <string>
#include <string_view>

/// The secret that makes a browser the operator's: good for one browser, then another
/// one takes its place. Any thread.
class operator_key {
 public:
  operator_key();

  /// What the server prints for its operator.
  std::string text() const;

  /// Whether this is the key. If so, it is used up.
  bool take(std::string_view sent);

 private:
  mutable std::mutex mutex_;
  std::string key_;  // by mutex_
};
