#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace buntstore {

/// Decides which of many warnings are written: the first of each kind, and after it one a minute.
/// Thread-safe.
class warning_limiter {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes pause{1};

  /// Kinds are the numbers less than `kinds`.
  explicit warning_limiter(std::size_t kinds) : kinds_(kinds) {}

  /// If a warning of this kind may be written now, returns how many warnings of the kind were
  /// withheld since the last one that was written. Otherwise returns nothing.
  std::optional<std::uint64_t> admit(std::size_t kind, time_point now) {
    const std::lock_guard held(mutex_);
    state& known = kinds_.at(kind);
    if (known.last && now - *known.last < pause) {
      ++known.withheld;
      return std::nullopt;
    }
    const std::uint64_t withheld = known.withheld;
    known = {.last = now, .withheld = 0};
    return withheld;
  }

  /// Returns the text to append to a warning after this many were withheld.
  static std::string suffix(std::uint64_t withheld) {
    if (withheld == 0) return {};
    return " (and " + std::to_string(withheld) + " more since the last of these lines)";
  }

 private:
  struct state {
    std::optional<time_point> last;
    std::uint64_t withheld = 0;
  };

  std::mutex mutex_;
  std::vector<state> kinds_;
};

}  // namespace buntstore
