#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <scs/session_id.hpp>

namespace scs {
class session_manager;
}

namespace buntdb::attacks::stores {

using moment = std::chrono::steady_clock::time_point;

inline moment now() noexcept {
  return std::chrono::steady_clock::now();
}

/// What happened, for the report of a violation; bounded.
class history {
 public:
  void add(std::string line) {
    if (lines_.size() == max_lines) lines_.erase(lines_.begin(), lines_.begin() + max_lines / 2);
    lines_.push_back(std::move(line));
  }
  std::string text() const {
    std::string all;
    for (const std::string& each : lines_)
      all.append("\n    ").append(each);
    return all;
  }

 private:
  static constexpr std::ptrdiff_t max_lines = 80;
  std::vector<std::string> lines_;
};

/// What the tokens of one session share: a renewal keeps it.
struct session_values {
  /// A pair of equal values that a request put. It is `done` when the request was answered or
  /// failed.
  struct put {
    std::uint64_t value = 0;
    moment begun{};
    moment done = moment::max();
    bool acknowledged = false;
  };

  int browser = 0;
  std::uint64_t counts_begun = 0;
  std::vector<moment> counted{};  ///< when each count was acknowledged
  std::vector<put> puts{};
  history happened{};
};

/// An acknowledged call that ends a token.
struct ending {
  enum class kind { logout, renewal, revocation };

  kind by = kind::logout;
  moment acknowledged{};
  /// Other acknowledgments on which it depends, such as that of the renewal that it follows;
  /// otherwise the same moment.
  moment rests_on{};
};

/// What is known about one token. Tokens live as long as the model.
struct token_state {
  std::string cookie{};
  scs::session_id id{};
  std::shared_ptr<session_values> values{};
  int user = 0;
  moment stored{};       ///< acknowledged
  moment lives_until{};  ///< it does not expire before this

  /// Whether a login has been tried with it, and the last login that was acknowledged.
  bool login_tried = false;
  std::optional<moment> login_begun{};
  std::optional<moment> login_acknowledged{};
  /// The last login that was tried had loaded its session at or before this moment: see rule 18
  /// (revocation).
  moment login_loaded{};
  int logins_under_way = 0;  ///< that keep the token

  std::vector<ending> ends{};
  /// Whether a call that may end it has begun.
  bool may_end = false;
  bool logout_begun = false;

  /// The token to which it was renewed, if that was acknowledged.
  token_state* next = nullptr;
  moment renewal_begun{};
  moment renewed{};

  bool counted_as_loss = false;
};

/// What a request found.
struct answer {
  bool live = false;
  int browser = -1;
  std::string user{};
  std::uint64_t count = 0;
  std::uint64_t left = 0;  ///< the pair
  std::uint64_t right = 0;
};

/// A request, from its beginning.
struct call {
  moment begun = now();
  std::size_t server = 0;
  /// How old an answer may be: a copy in a near cache.
  std::chrono::nanoseconds staleness{0};
  /// The manager of the process that has accepted the request.
  std::shared_ptr<scs::session_manager> sessions{};
};

}  // namespace buntdb::attacks::stores
