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

// For the unit tests of handlers; link buntstore::scs_testing. Not included by <scs/scs.hpp>.

namespace scs::testing {

/// What a request did.
struct BUNTSTORE_PUBLIC outcome {
  /// What an adapter would append to the response.
  std::vector<header> headers{};
  /// A session was stored for the first time, got a new token, was ended.
  bool created = false;
  bool renewed = false;
  bool destroyed = false;
  /// Whether the response sets the cookie (or the header) to a token, or clears it.
  bool sets_token = false;
  bool clears_token = false;
  /// What the handler threw, or the commit; its changes were dropped then.
  std::exception_ptr failure{};
};

/// A visitor with a session, without a server and without a store: for tests of what handlers do
/// with their session. The session is a real one, so that it behaves as it will in the server; it
/// lives in this object, the clock stands still, at the moment when the visitor was made, until the
/// test turns it, and nothing blocks.
///
///     scs::testing::visitor tom;
///     tom.arrange([](scs::session& session) { session.put("cart", 3); });
///     const auto done = tom.visit([&](scs::session& session) { log_in(session, form); });
///     EXPECT_TRUE(done.renewed);
///     EXPECT_EQ(tom.get<int>("cart"), 3);
///     EXPECT_EQ(tom.user(), "tom");
///
/// One thread.
class BUNTSTORE_PUBLIC visitor {
 public:
  /// Of the options, clock, sleep and on_event are the visitor's own.
  explicit visitor(session_options options = {});
  ~visitor();
  visitor(const visitor&) = delete;
  visitor& operator=(const visitor&) = delete;

  /// One whole request: the handler gets the session as the last one left it, and what it changed
  /// is committed. What the handler throws is in the outcome.
  outcome visit(const std::function<void(session&)>& handler);

  /// The same for what a test needs to be there before: throws what the function throws.
  void arrange(const std::function<void(session&)>& prepare);

  /// By hand, for handlers that a lambda does not suit: the session of a new request (one that was
  /// not finished is dropped), valid until the next request or finish(), which commits it.
  session& begin();
  outcome finish();

  // --- What is stored now; none of these counts as a request.

  bool has_session();
  template <class Value>
  std::optional<Value> get(std::string_view key) {
    return look().get<Value>(key);
  }
  bool exists(std::string_view key);
  std::vector<std::string> keys();
  /// Empty if it is nobody's, or there is none.
  std::string user();
  time_point deadline();
  /// session::debug_json().
  std::string json();

  /// What the visitor's browser holds; empty if nothing.
  const std::string& token() const noexcept;
  /// Plants a token, as an attacker would.
  void set_token(std::string_view token);

  time_point now() const noexcept;
  void advance(std::chrono::nanoseconds duration) noexcept;

  /// For what acts on all sessions; the visitor's is the only one there, unless you begin others.
  session_manager& manager() noexcept;
  /// All that happened since the beginning.
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
