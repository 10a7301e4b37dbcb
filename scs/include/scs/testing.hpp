#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/event.hpp>
#include <scs/header.hpp>
#include <scs/options.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// For the unit tests of handlers. Link buntstore::scs_testing. <scs/scs.hpp> does not include this
// header.

namespace scs::testing {

/// What a request did.
struct BUNTSTORE_PUBLIC outcome {
  /// The headers that an adapter would append to the response.
  std::vector<header> headers{};
  /// Whether a session was stored for the first time, got a new token, or was ended.
  bool created = false;
  bool renewed = false;
  bool destroyed = false;
  /// Whether the response sets the cookie (or the header) to a token, or clears it.
  bool sets_token = false;
  bool clears_token = false;
  /// The exception of the handler or of the commit. Its changes were dropped then.
  std::exception_ptr failure{};
};

/// A visitor with a session, without a server and without a store, for tests of what handlers do
/// with their session. It is a real session, so that it behaves as in the server. It lives in this
/// object. Nothing blocks. The clock starts at the moment when the visitor is made, and moves only
/// when the test calls advance().
///
///     scs::testing::visitor tom;
///     tom.arrange([](scs::session& session) { session.put("cart", 3); });
///     const auto done = tom.visit([&](scs::session& session) { log_in(session, form); });
///     EXPECT_TRUE(done.renewed);
///     EXPECT_EQ(tom.get<int>("cart"), 3);
///     EXPECT_EQ(tom.user(), "tom");
///
/// Thread safety: one thread.
class BUNTSTORE_PUBLIC visitor {
 public:
  /// Uses these options, except for clock, sleep and on_event, which the visitor sets itself.
  explicit visitor(session_options options = {});
  ~visitor();
  visitor(const visitor&) = delete;
  visitor& operator=(const visitor&) = delete;

  /// Makes one whole request: the handler gets the session as the previous request left it, and its
  /// changes are committed. An exception of the handler is in the outcome.
  outcome visit(const std::function<void(session&)>& handler);

  /// The same, to prepare what a test needs. Throws what the function throws.
  void arrange(const std::function<void(session&)>& prepare);

  /// Makes a request in two steps, for handlers that a lambda does not suit. begin() returns the
  /// session of a new request, valid until the next request or finish(), which commits it. A
  /// request that was not finished is dropped.
  session& begin();
  outcome finish();

  // --- What is stored now. None of these functions counts as a request.

  /// Whether the visitor has a live session.
  bool has_session();
  template <class Value>
  std::optional<Value> get(std::string_view key) {
    return look().get<Value>(key);
  }
  /// Whether the session has this key.
  bool exists(std::string_view key);
  /// All keys of the session.
  std::vector<std::string> keys();
  /// The session's user. Empty if it has none, or if there is no session.
  std::string user();
  /// The absolute end of the session.
  time_point deadline();
  /// The session as JSON: session::debug_json().
  std::string json();

  /// The token that the visitor's browser holds. Empty if it holds none.
  const std::string& token() const noexcept;
  /// Plants a token, as an attacker would.
  void set_token(std::string_view token);

  /// The time of the visitor's clock.
  time_point now() const noexcept;
  /// Moves the visitor's clock.
  void advance(std::chrono::nanoseconds duration) noexcept;

  /// The manager, for functions that act on all sessions. The visitor's session is the only one,
  /// unless you begin others.
  session_manager& manager() noexcept;
  /// All events since the visitor was made.
  const std::vector<event>& events() const noexcept;

 private:
  class parts;

  session load();
  session& look();
  outcome concluded(std::vector<header> headers, std::size_t events_before,
                    std::exception_ptr failure);

  std::unique_ptr<parts> parts_;
};

}  // namespace scs::testing
