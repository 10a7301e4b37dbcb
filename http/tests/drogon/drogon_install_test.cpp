// Sessions of a whole application on Drogon, with a WebSocket that ends with its session. The page
// docs/other-http-libraries.md quotes the lines between `// [name]` and `// [/name]`; page_test.cpp
// compares.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <drogon/WebSocketController.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/drogon_install.hpp>
#include <scs/http/drogon_session_watch.hpp>

#include "drogon_application.hpp"
#include "fake_store.hpp"
#include "raw_http.hpp"

namespace scs::http::tests {

namespace {

using namespace std::chrono_literals;
using drogon::HttpRequestPtr, drogon::HttpResponse, drogon::HttpResponsePtr;

struct site {
  fake_store* store = new fake_store;
  session_manager sessions{std::unique_ptr<scs::store>(store), {.cookie = {.secure = false}}};
  std::atomic<bool> executor_refuses = false;
  std::atomic<int> looks_ended = 0;
  drogon_session_watch watch{sessions, executor(), 1h};
  std::atomic<int> failures = 0;

  static site& instance() {
    static site one;
    return one;
  }
  drogon_executor executor() {
    return [this, store = drogon_application::instance().store()](std::function<void()> task) {
      if (executor_refuses) throw std::runtime_error("too many tasks");
      store([this, task = std::move(task)] {
        task();
        ++looks_ended;
      });
    };
  }
};

drogon_session_watch& watch() {
  return site::instance().watch;
}

// [drogon websocket]
class chat : public drogon::WebSocketController<chat> {
 public:
  WS_PATH_LIST_BEGIN
  WS_PATH_ADD("/chat", "scs::http::drogon_sessions");
  WS_PATH_LIST_END

  void handleNewConnection(const drogon::HttpRequestPtr& request,
                           const drogon::WebSocketConnectionPtr& socket) override {
    // Browsers send cookies with the WebSockets of any page.
    if (!scs::request_is_same_origin(scs::http::csrf_request_of(request)) ||
        scs::http::session_of(request).user().empty()) {
      socket->shutdown(drogon::CloseCode::kViolation);
      return;
    }
    socket->setContext(std::make_shared<std::string>(scs::http::session_of(request).user()));
    watch().close_when_ended(request, socket);
  }
  void handleNewMessage(const drogon::WebSocketConnectionPtr& socket, std::string&& message,
                        const drogon::WebSocketMessageType& type) override {
    if (!socket->hasContext()) return;  // a refused client may send before it closes
    if (type == drogon::WebSocketMessageType::Text) socket->send(message);
  }
  void handleConnectionClosed(const drogon::WebSocketConnectionPtr&) override {}
};
// [/drogon websocket]

HttpResponsePtr text(const std::string& body) {
  HttpResponsePtr response = HttpResponse::newHttpResponse();
  response->setBody(body);
  return response;
}

class environment : public testing::Environment {
  void SetUp() override {
    drogon_application::instance().start([](drogon::HttpAppFramework& app) {
      site& site = site::instance();
      install(app, site.sessions, drogon_application::instance().store(),
              {.on_failure = [&site](const failure&) { ++site.failures; }});
      const auto put = [](const HttpRequestPtr& request, drogon_callback&& answer) {
        session_of(request).put("a", 1);
        answer(text("put"));
      };
      // The path of the WebSocket has a page, too.
      app.registerHandler("/chat", put, {drogon::Get, "scs::http::drogon_sessions"});
    });
    const auto route = [](const std::string& target, HttpResponsePtr (*handler)(session&)) {
      drogon_application::instance().route(
          target, [handler](const HttpRequestPtr& request, drogon_callback&& answer) {
            answer(handler(session_of(request)));
          });
    };
    route("/login", [](session& session) {
      session.set_user("ann");
      return text("welcome");
    });
    route("/who", [](session& session) { return text(std::string(session.user())); });
    route("/throw", [](session& session) -> HttpResponsePtr {
      session.set_user("dropped");
      throw std::runtime_error("secret");
    });
    drogon_application::instance().route(
        "/twice", [](const HttpRequestPtr& request, drogon_callback&& answer) {
          session_of(request).set_user("dropped");
          answer(text("first"));
          throw std::runtime_error("secret");
        });
    drogon_application::instance().route(
        "/logout", [](const HttpRequestPtr& request, drogon_callback&& answer) {
          drogon::async_run([request, answer = std::move(answer)]() -> drogon::Task<> {
            co_await exchange_of(request).run([](session& session) { session.destroy(); });
            answer(text("bye"));
          });
        });
  }
  void TearDown() override { drogon_application::instance().stop(); }
};

const auto* const registered = testing::AddGlobalTestEnvironment(new environment);

class installed : public testing::Test {
 protected:
  http_response get(const std::string& target, const std::string& lines = "") {
    return http_get(port_, target, lines);
  }
  std::string login() {
    const std::string line = get("/login").one("Set-Cookie");
    return "Cookie: " + line.substr(0, line.find(';')) + "\r\n";
  }

  const int port_ = drogon_application::instance().port();
  fake_store& store_ = *site::instance().store;
};

TEST_F(installed, keeps_the_session_of_every_handler) {
  const std::string cookie = login();
  EXPECT_EQ(get("/who", cookie).body, "ann");
  EXPECT_EQ(get("/who").body, "");
  EXPECT_THAT(get("/logout", cookie).one("Set-Cookie"), testing::HasSubstr("Max-Age=0"));
  EXPECT_EQ(get("/who", cookie).body, "");
}

TEST_F(installed, answers_unknown_paths_as_drogon_does) {
  const http_response response = get("/unknown", login());
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, testing::HasSubstr("404"));
  EXPECT_EQ(response.one("Vary"), "Cookie");
}

TEST_F(installed, drops_what_a_handler_did_that_throws) {
  const std::size_t stored = store_.size();
  const http_response response = get("/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::StartsWith("Something went wrong"));
  EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(store_.size(), stored);
}

TEST_F(installed, answers_once_if_a_handler_throws_after_it_has_answered) {
  const std::size_t stored = store_.size();
  http_connection connection(port_);
  EXPECT_EQ(connection.get("/twice").status, 500);
  EXPECT_EQ(connection.get("/who").status, 200);
  EXPECT_EQ(store_.size(), stored);
}

TEST_F(installed, answers_503_while_the_store_is_down) {
  store_.commits_fail = true;
  const http_response refused = get("/login");
  store_.commits_fail = false;
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.one("Retry-After"), "5");
  EXPECT_EQ(refused.body.find("welcome"), std::string::npos);
}

// --- WebSockets

const std::string upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// What the server sends: an echo of the frame, and the end of the connection with code 1008.
const std::string masked_hello("\x81\x85\0\0\0\0hello", 11);
const std::string hello = "\x81\x05hello";
const std::string closes_with_1008 = "\x03\xf0";

/// A visitor with a WebSocket.
class open_socket {
 public:
  open_socket(int port, const std::string& lines) : connection_(port) {
    connection_.send("GET /chat HTTP/1.1\r\nHost: localhost\r\n" + lines + upgrade + "\r\n");
    handshake_ = connection_.receive(http_connection::expect::no_body);
  }
  const http_response& handshake() const { return handshake_; }
  void say_hello() { connection_.send(masked_hello); }
  /// All that the server sends until it ends the connection.
  std::string receive_rest() { return connection_.receive_rest(); }

 private:
  http_connection connection_;
  http_response handshake_;
};

class drogon_websocket : public installed {};

TEST_F(drogon_websocket, is_closed_by_a_logout_on_another_page) {
  const std::string cookie = login();
  open_socket socket(port_, cookie);
  EXPECT_EQ(socket.handshake().status, 101);
  socket.say_hello();
  get("/logout", cookie);
  watch().look();
  const std::string said = socket.receive_rest();
  EXPECT_THAT(said, testing::StartsWith(hello));
  EXPECT_THAT(said, testing::HasSubstr(closes_with_1008));
}

TEST_F(drogon_websocket, is_closed_when_all_sessions_of_its_user_are_revoked) {
  open_socket one(port_, login()), other(port_, login());
  site::instance().sessions.revoke_all("ann");
  watch().look("u:ann");
  EXPECT_THAT(one.receive_rest(), testing::HasSubstr(closes_with_1008));
  EXPECT_THAT(other.receive_rest(), testing::HasSubstr(closes_with_1008));
}

TEST_F(drogon_websocket, is_closed_without_a_login_and_from_another_sites_page) {
  open_socket stranger(port_, "");
  EXPECT_THAT(stranger.receive_rest(), testing::HasSubstr(closes_with_1008));
  open_socket foreign(port_, login() + "Origin: https://evil.example\r\n");
  EXPECT_THAT(foreign.receive_rest(), testing::HasSubstr(closes_with_1008));
}

TEST_F(drogon_websocket, is_refused_while_the_store_is_down) {
  const std::string cookie = login();
  store_.finds_fail = true;
  open_socket socket(port_, cookie);
  store_.finds_fail = false;
  EXPECT_EQ(socket.handshake().status, 503);
}

// Drogon lets only the first request of a connection become a WebSocket.
TEST_F(drogon_websocket, of_a_later_request_loses_no_change_without_a_report) {
  const std::size_t stored = store_.size();
  const int failures = site::instance().failures;
  http_connection connection(port_);
  EXPECT_EQ(connection.get("/who").status, 200);
  EXPECT_EQ(connection.get("/chat", upgrade).status, 0);
  EXPECT_EQ(store_.size(), stored);
  EXPECT_EQ(site::instance().failures, failures + 1);
  EXPECT_THAT(get("/chat").all("Set-Cookie"), testing::SizeIs(1));
  http_connection other(port_);
  EXPECT_EQ(other.get("/who").status, 200);
  EXPECT_EQ(other.get("/login", upgrade).status, 500) << "it has no session";
}

TEST_F(drogon_websocket, is_watched_again_after_the_executor_has_refused) {
  site& site = site::instance();
  const std::string cookie = login();
  const int ended = site.looks_ended;
  open_socket socket(port_, cookie);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (site.looks_ended == ended && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  site.executor_refuses = true;
  EXPECT_NO_THROW(watch().look());
  site.executor_refuses = false;
  get("/logout", cookie);
  EXPECT_NO_THROW(watch().look());
  EXPECT_THAT(socket.receive_rest(), testing::HasSubstr(closes_with_1008));
}

TEST_F(drogon_websocket, stays_open_while_the_store_is_down) {
  const std::string cookie = login();
  open_socket socket(port_, cookie);
  const int calls = store_.calls;
  store_.finds_fail = true;
  watch().look();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (store_.calls == calls && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  EXPECT_GT(store_.calls, calls);
  store_.finds_fail = false;
  socket.say_hello();
  get("/logout", cookie);
  watch().look();
  const std::string said = socket.receive_rest();
  EXPECT_THAT(said, testing::StartsWith(hello));
  EXPECT_THAT(said, testing::HasSubstr(closes_with_1008)) << "it works again after a failure";
}

}  // namespace

}  // namespace scs::http::tests
