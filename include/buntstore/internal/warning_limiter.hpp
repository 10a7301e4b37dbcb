#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace buntstore {

/// Decides which of many warnings are written: of each kind the first, and after that one a minute.
/// Thread-safe.
class warning_limiter {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes pause{1};

  /// Kinds are numbers below this one.
  explicit warning_limiter(std::size_t kinds) : kinds_(kinds) {}

  /// Whether a warning of this kind may be written now: how many of the kind were not, since the
  /// last that was. Otherwise empty.
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

  /// What to append to a warning after which so many were not written.
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
