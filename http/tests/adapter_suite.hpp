#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "fake_store.hpp"
#include "raw_http.hpp"

// What the conformance suite of the adapters (conformance.hpp) needs of an adapter, and its
// fixture.

namespace scs::http::tests {

/// A handler's response, in terms that every library can express.
struct reply {
  /// 0: the library's default.
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  /// Not empty: a redirect to this target, made with the library's function.
  std::string redirect_to{};
  /// If set, it returns the body in chunks until it returns an empty optional, and `body` is
  /// ignored.
  std::function<std::optional<std::string>()> next_chunk{};
  /// Called once when the stream has ended or was never begun.
  std::function<void()> stream_released{};
};

using neutral_handler = std::function<void(session&, reply&)>;
using neutral_error_function = std::function<void(std::exception_ptr, reply&)>;

/// What the suite needs of an adapter under test.
class adapter_server {
 public:
  adapter_server() = default;
  adapter_server(const adapter_server&) = delete;
  adapter_server& operator=(const adapter_server&) = delete;
  virtual ~adapter_server() = default;

  /// Further settings of the next route(). It sets the activity by the adapter's option, where a
  /// handler has one. It answers 403 where session::allows_change() refuses the request, which the
  /// adapter's csrf_request_of() describes.
  struct route_settings {
    request_activity activity = request_activity::counts;
    bool refuses_cross_site = false;
  };
  route_settings settings{};

  /// Call it before start(). Answers the target, whatever the method. The error function may be
  /// empty.
  virtual void route(const std::string& target, neutral_handler handler,
                     neutral_error_function on_error,
                     std::function<void(const failure&)> on_failure) = 0;
  /// Call it before start(). The library adds this header to every response.
  virtual void default_header(const std::string& name, const std::string& value) = 0;
  /// Serves on a free port of 127.0.0.1, which it returns, until stop().
  virtual int start() = 0;
  virtual void stop() = 0;
  /// Whether the library sends a handler's lines of one name in the reverse of the handler's order,
  /// where the adapter adds none of that name.
  virtual bool reverses_lines() const { return false; }
  /// Whether the library treats the unread part of a body as the next request.
  virtual bool leaves_bodies_unread() const { return false; }
  /// Whether it does so only after a request that it refused with 400.
  virtual bool reads_on_after_refusing() const { return false; }
  /// Whether it says then that the connection ends.
  virtual bool says_close_when_it_refuses() const { return true; }
  /// Whether the library sends nothing to a client that has closed its half of the connection.
  virtual bool drops_half_closed_clients() const { return false; }
  /// Whether the library drops requests that arrived together with the previous one.
  virtual bool forgets_pipelined_requests() const { return false; }
  /// Whether the library begins with the next request before the previous one is answered.
  virtual bool handles_pipelined_requests_at_once() const { return false; }
  /// Whether the library keeps one line of each name, apart from Set-Cookie, whose lines are in any
  /// order. The adapter then joins lines.
  virtual bool joins_lines() const { return false; }
  /// Whether the library keeps only the last of a request's cookies of one name, and only the first
  /// of other lines of one name.
  virtual bool hides_repeated_lines() const { return false; }
};

template <class Server>
class adapter : public testing::Test {
 protected:
  adapter() { use({.cookie = {.secure = false}}); }
  ~adapter() override { server_->stop(); }

  /// Call it before any route. Uses other options for the sessions, on a separate store.
  void use(session_options options) {
    server_.reset();
    auto owned = std::make_unique<fake_store>();
    store_ = owned.get();
    sessions_ = std::make_unique<session_manager>(std::move(owned), std::move(options));
    server_ = std::make_unique<Server>(*sessions_);
  }

  void route(const std::string& target, const neutral_handler& handler,
             const neutral_error_function& on_error = {}) {
    server_->route(target, handler, on_error, [this](const failure& failure) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(failure.kind);
      last_failure_ = failure;
    });
  }

  /// Routes that most tests use.
  void route_put_and_get() {
    route("/put", [](session& session, reply& reply) {
      session.put("message", "hello");
      reply.body = "put";
    });
    route("/get", [](session& session, reply& reply) {
      reply.body = session.get<std::string>("message").value_or("nothing");
    });
  }

  void route_with(adapter_server::route_settings settings, const std::string& target,
                  const neutral_handler& handler) {
    server_->settings = settings;
    route(target, handler);
    server_->settings = {};
  }

  void start() { port_ = server_->start(); }

  http_response get(std::string_view target, std::string_view header_lines = "") {
    return http_get(port_, target, header_lines);
  }

  http_response post(std::string_view target, std::string_view header_lines = "") {
    return http_connection(port_).request("POST", target, header_lines, "x");
  }

  /// Returns a Cookie line for the session that the response set.
  static std::string cookie_line(const http_response& response,
                                 const std::string& name = "Cookie") {
    return name + ": " + cookie_pair(response) + "\r\n";
  }
  static std::string cookie_pair(const http_response& response) {
    for (const std::string& line : response.all("Set-Cookie")) {
      if (line.starts_with("session=")) return line.substr(0, line.find(';'));
    }
    ADD_FAILURE() << "the response set no session cookie";
    return "session=none";
  }

  /// Returns a handler's lines of one name in the order in which the library sends them.
  std::vector<std::string> as_sent(std::vector<std::string> lines) const {
    if (server_->reverses_lines()) std::reverse(lines.begin(), lines.end());
    return lines;
  }

  /// Waits until the server has reported this many failures: the failure of a stream is reported
  /// while the client is already reading.
  std::vector<failure_kind> failures(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      const std::lock_guard lock(mutex_);
      if (failures_.size() >= count) break;
    }
    const std::lock_guard lock(mutex_);
    return failures_;
  }

  failure last_failure() {
    const std::lock_guard lock(mutex_);
    return last_failure_;
  }

  static void expect_nothing_of_the_handler(const http_response& response) {
    EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("handler")));
    EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("secret")));
    for (const auto& [name, value] : response.headers) {
      EXPECT_THAT(name, testing::Not(testing::HasSubstr("X-Handler")));
      EXPECT_THAT(value, testing::Not(testing::HasSubstr("secret"))) << name;
    }
  }

  fake_store* store_ = nullptr;
  std::unique_ptr<session_manager> sessions_;
  std::unique_ptr<adapter_server> server_;
  int port_ = 0;

 private:
  std::mutex mutex_;
  std::vector<failure_kind> failures_;
  failure last_failure_;
};

TYPED_TEST_SUITE_P(adapter);

}  // namespace scs::http::tests
