// Handlers with sessions on Drogon, one by one and by the filter. The page
// docs/other-http-libraries.md quotes the lines between `// [name]` and `// [/name]`; page_test.cpp
// compares.

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <drogon/HttpAppFramework.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <scs/http/drogon.hpp>
#include <scs/http/drogon_install.hpp>

#include "drogon_application.hpp"
#include "fake_store.hpp"
#include "raw_http.hpp"

namespace scs::http::tests {

namespace {

using drogon::HttpRequestPtr, drogon::HttpResponse, drogon::HttpResponsePtr;

/// The sessions of the routes that name the filter.
struct filtered_site {
  fake_store* store = new fake_store;
  session_manager sessions{std::unique_ptr<scs::store>(store), {.cookie = {.secure = false}}};

  static filtered_site& instance() {
    static filtered_site one;
    return one;
  }
};

HttpResponsePtr text(const std::string& body) {
  HttpResponsePtr response = HttpResponse::newHttpResponse();
  response->setBody(body);
  return response;
}

void register_filtered_routes(drogon::HttpAppFramework& app) {
  register_filter(app, filtered_site::instance().sessions, drogon_application::instance().store());
  const auto add = [&](const std::string& path, HttpResponsePtr (*handler)(const HttpRequestPtr&)) {
    app.registerHandler(path,
                        [handler](const HttpRequestPtr& request, drogon_callback&& answer) {
                          answer(handler(request));
                        },
                        {drogon::Get, "scs::http::drogon_sessions"});
  };
  add("/filtered/put", [](const HttpRequestPtr& request) {
    session_of(request).put("message", "hello");
    return text("put");
  });
  add("/filtered/get", [](const HttpRequestPtr& request) {
    return text(session_of(request).get<std::string>("message").value_or("nothing"));
  });
  add("/filtered/throw", [](const HttpRequestPtr& request) -> HttpResponsePtr {
    session_of(request).put("message", "dropped");
    throw std::runtime_error("secret");
  });
  app.registerHandler(
      "/filtered/logout",
      [](HttpRequestPtr request) -> drogon::Task<HttpResponsePtr> {
        co_await exchange_of(request).run([](session& session) { session.destroy(); });
        co_return text("bye");
      },
      {drogon::Get, "scs::http::drogon_sessions"});
}

class environment : public testing::Environment {
  void SetUp() override { drogon_application::instance().start(register_filtered_routes); }
  void TearDown() override { drogon_application::instance().stop(); }
};

const auto* const registered = testing::AddGlobalTestEnvironment(new environment);

std::string cookie_line(const http_response& response) {
  const std::string line = response.one("Set-Cookie");
  return "Cookie: " + line.substr(0, line.find(';')) + "\r\n";
}

/// Handlers on a store that may block, or not.
template <class Store>
class drogon_handlers : public testing::Test {
 protected:
  ~drogon_handlers() override { application_.clear(token_); }

  template <class Handler>
  void route(const std::string& target, Handler handler) {
    application_.route(
        target, [with_session = drogon_handler(sessions_, application_.store(), std::move(handler)),
                 token = token_](const HttpRequestPtr& request, drogon_callback&& answer) {
          with_session(request, [answer = std::move(answer),
                                 token](const HttpResponsePtr& response) { answer(response); });
        });
  }
  http_response get(const std::string& target, const std::string& lines = "") {
    return http_get(application_.port(), target, lines);
  }

  drogon_application& application_ = drogon_application::instance();
  std::shared_ptr<void> token_ = std::make_shared<int>();
  Store* store_ = new Store;
  session_manager sessions_{std::unique_ptr<scs::store>(store_), {.cookie = {.secure = false}}};
};

using on_blocking_store = drogon_handlers<fake_store>;
using on_nonblocking_store = drogon_handlers<nonblocking_fake_store>;

TEST_F(on_blocking_store, runs_plain_handlers_on_the_executor) {
  std::thread::id handles;
  route("/", [&](session& session, const HttpRequestPtr&) {
    handles = std::this_thread::get_id();
    session.put("a", 1);
    return text(trantor::EventLoop::getEventLoopOfCurrentThread() ? "event loop" : "executor");
  });
  EXPECT_EQ(get("/").body, "executor");
  EXPECT_EQ(store_->thread, handles);
}

TEST_F(on_blocking_store, calls_the_store_on_the_executor_and_continues_on_the_event_loop) {
  std::thread::id before, after;
  route("/",
        [&](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
          before = std::this_thread::get_id();
          co_await exchange.load();
          after = std::this_thread::get_id();
          exchange.session().put("a", 1);
          co_return text("done");
        });
  const http_response response = get("/");
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(get("/", cookie_line(response)).body, "done");
  EXPECT_EQ(before, after);
  EXPECT_NE(store_->thread, before);
}

TEST_F(on_nonblocking_store, loads_and_commits_in_place_where_the_store_allows) {
  std::thread::id loop;
  route("/",
        [&](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
          loop = std::this_thread::get_id();
          co_await exchange.load();
          exchange.session().put("n", exchange.session().get_or("n", 0) + 1);
          co_return text(std::to_string(exchange.session().get_or("n", 0)));
        });
  const std::string cookie = cookie_line(get("/"));
  EXPECT_EQ(store_->thread, loop);
  store_->tries_in_vain = true;
  EXPECT_EQ(get("/", cookie).body, "2");
  EXPECT_NE(store_->thread, loop);
}

TEST_F(on_blocking_store, answers_others_while_the_store_blocks) {
  route("/put",
        [](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
          co_await exchange.load();
          exchange.session().put("a", 1);
          co_return text("put");
        });
  route("/other", [](session&, const HttpRequestPtr&) { return text("other"); });
  store_->hold_commits();
  http_response put;
  std::thread visitor([&] { put = get("/put"); });
  EXPECT_TRUE(store_->wait_for_a_commit());
  for (int i = 0; i < 8; ++i)  // on each event loop
    EXPECT_EQ(get("/other").body, "other");
  store_->release_commits();
  visitor.join();
  EXPECT_EQ(put.body, "put");
}

TEST_F(on_blocking_store, needs_a_load_before_the_session) {
  route("/", [](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
    exchange.session().put("a", 1);
    co_return text("done");
  });
  EXPECT_EQ(get("/").status, 500);
}

TEST_F(on_blocking_store, answers_what_a_coroutine_throws) {
  route("/", [](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
    co_await exchange.load();
    exchange.session().put("a", 1);
    throw 1;
  });
  const http_response response = get("/");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::StartsWith("Something went wrong"));
  EXPECT_EQ(store_->size(), 0U);
}

TEST_F(on_blocking_store, answers_a_handler_that_returns_no_response) {
  route("/plain", [](session& session, const HttpRequestPtr&) {
    session.put("a", 1);
    return HttpResponsePtr();
  });
  route("/coroutine", [](drogon_exchange&, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
    co_return HttpResponsePtr();
  });
  EXPECT_EQ(get("/plain").status, 500);
  EXPECT_EQ(get("/coroutine").status, 500);
  EXPECT_EQ(store_->size(), 0U);
}

// Drogon keeps such responses and sends them again, also to other visitors.
TEST_F(on_blocking_store, sends_nobody_the_cookie_of_another_visitor) {
  // Only on an event loop, Drogon returns its own page.
  route("/missing",
        [](drogon_exchange& exchange, const HttpRequestPtr&) -> drogon::Task<HttpResponsePtr> {
          co_await exchange.load();
          exchange.session().put("a", 1);
          co_return HttpResponse::newNotFoundResponse();
        });
  route("/json", [](session& session, const HttpRequestPtr&) {
    session.put("a", 1);
    HttpResponsePtr response = HttpResponse::newHttpJsonResponse(Json::Value("missing"));
    response->setStatusCode(drogon::k404NotFound);
    return response;
  });
  EXPECT_EQ(get("/json").body, "\"missing\"");
  EXPECT_THAT(get("/json").one("Content-Type"), testing::StartsWith("application/json"));
  route("/kept", [](session& session, const HttpRequestPtr&) {
    session.put("a", 1);
    HttpResponsePtr response = text("kept");
    response->setExpiredTime(0);
    return response;
  });
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(get("/missing").all("Set-Cookie"), testing::SizeIs(1));
    EXPECT_THAT(get("/unknown").all("Set-Cookie"), testing::IsEmpty());
  }
  const http_response one = get("/kept");
  const http_response other = get("/kept");
  EXPECT_EQ(other.body, "kept");
  EXPECT_NE(cookie_line(one), cookie_line(other));
}

// Drogon then returns the page for unknown paths, which is one object for all.
TEST_F(on_blocking_store, copies_a_file_that_is_gone_or_shorter) {
  application_.route("/", [token = token_](const HttpRequestPtr&, drogon_callback&& answer) {
    const std::string path = "/tmp/buntstore_drogon_tests/" + std::to_string(::getpid());
    std::ofstream(path) << std::string(300'000, 'a');
    const HttpResponsePtr file = HttpResponse::newFileResponse(path);
    file->setExpiredTime(5);
    file->addCookie("theme", "dark");
    const HttpResponsePtr whole = detail::own_response(file);
    std::filesystem::resize_file(path, 10);
    const HttpResponsePtr shorter = detail::own_response(file);
    std::filesystem::remove(path);
    const HttpResponsePtr gone = detail::own_response(file);
    const HttpResponsePtr shared = HttpResponse::newNotFoundResponse();
    gone->addHeader("mine", "yes");
    EXPECT_EQ(whole->statusCode(), drogon::k200OK);
    EXPECT_EQ(whole->sendfileRange().second, 300'000U);
    EXPECT_EQ(whole->getCookie("theme").value(), "dark");
    EXPECT_EQ(shorter->statusCode(), drogon::k416RequestedRangeNotSatisfiable);
    EXPECT_EQ(gone->statusCode(), drogon::k404NotFound);
    EXPECT_EQ(gone->body(), shared->body());
    EXPECT_EQ(shared->statusCode(), drogon::k404NotFound);
    EXPECT_EQ(shared->getHeader("mine"), "");
    answer(text("compared"));
  });
  EXPECT_EQ(get("/").body, "compared");
}

// As of another server, by app().forward().
TEST_F(on_blocking_store, sends_one_length_of_a_response_that_states_its_own) {
  route("/", [](session&, const HttpRequestPtr&) {
    HttpResponsePtr response = text("hello");
    response->addHeader("Content-Length", "5");
    return response;
  });
  const http_response response = get("/");
  EXPECT_EQ(response.body, "hello");
  EXPECT_THAT(response.all("Content-Length"), testing::ElementsAre("5"));
  EXPECT_THAT(response.all("Content-Type"), testing::SizeIs(1));
  EXPECT_THAT(response.all("Date"), testing::SizeIs(1));
}

/// Sends a request, and returns the error with which the connection ends. 0 is a regular end.
int end_of_connection(int port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int end = 0;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(socket, request.data(), request.size(), 0) < 0) {
    end = errno;
  } else {
    std::array<char, 1024> buffer{};
    ssize_t count = 0;
    while ((count = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0) {
    }
    if (count < 0) end = errno;
  }
  ::close(socket);
  return end;
}

// Without chunks, the regular end of a connection means that the body is complete.
TEST_F(on_blocking_store, resets_the_connection_of_a_stream_that_fails) {
  route("/", [](session&, const HttpRequestPtr& request) {
    return stream_response(
        [first = true, fails = request->getParameter("fails") == "yes"]() mutable {
          if (std::exchange(first, false)) return std::optional<std::string>("part");
          if (fails) throw std::runtime_error("no more");
          return std::optional<std::string>();
        });
  });
  const int port = application_.port();
  for (const std::string rest : {" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                                 " HTTP/1.1\r\nHost: a\r\n\r\n", " HTTP/1.0\r\n\r\n"}) {
    EXPECT_EQ(end_of_connection(port, "GET /?fails=yes" + rest), ECONNRESET) << rest;
  }
  EXPECT_EQ(end_of_connection(port, "GET /?fails=no HTTP/1.0\r\n\r\n"), 0);
}

TEST_F(on_blocking_store, is_used_as_the_page_shows) {
  session_manager& sessions = sessions_;
  // [drogon]
  static trantor::ConcurrentTaskQueue threads(8, "sessions");  // they wait for the store
  const scs::http::drogon_executor store = [](std::function<void()> task) {
    threads.runTaskInQueue(std::move(task));
  };

  const auto put = scs::http::drogon_handler(
      sessions, store,
      [](scs::http::drogon_exchange& exchange,
         const drogon::HttpRequestPtr& request) -> drogon::Task<drogon::HttpResponsePtr> {
        co_await exchange.load();
        exchange.session().put("message", request->getParameter("message"));
        co_return drogon::HttpResponse::newHttpResponse();
      });
  const auto get_message = scs::http::drogon_handler(
      sessions, store, [](scs::session& session, const drogon::HttpRequestPtr&) {
        auto response = drogon::HttpResponse::newHttpResponse();
        response->setBody(session.get<std::string>("message").value_or("nothing yet"));
        return response;
      });
  // [/drogon]
  const auto in_use = [this](auto handler) {
    return [handler, token = token_](const HttpRequestPtr& request, drogon_callback&& answer) {
      handler(request, [answer = std::move(answer), token](const HttpResponsePtr& response) {
        answer(response);
      });
    };
  };
  application_.route("/put", in_use(put));
  application_.route("/get", in_use(get_message));
  const http_response stored = get("/put?message=Hello");
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(get("/get", cookie_line(stored)).body, "Hello");
}

// --- the filter

TEST(drogon_filter, keeps_the_session_of_a_route_that_names_it) {
  const int port = drogon_application::instance().port();
  const http_response put = http_get(port, "/filtered/put");
  EXPECT_EQ(put.body, "put");
  EXPECT_EQ(put.one("Cache-Control"), "no-store");
  const std::string cookie = cookie_line(put);
  EXPECT_EQ(http_get(port, "/filtered/get", cookie).body, "hello");
  EXPECT_EQ(http_get(port, "/filtered/get").body, "nothing");
  const http_response bye = http_get(port, "/filtered/logout", cookie);
  EXPECT_THAT(bye.one("Set-Cookie"), testing::HasSubstr("Max-Age=0"));
  EXPECT_EQ(http_get(port, "/filtered/get", cookie).body, "nothing");
}

TEST(drogon_filter, drops_what_a_handler_did_that_throws) {
  filtered_site& site = filtered_site::instance();
  const int port = drogon_application::instance().port();
  const std::size_t stored = site.store->size();
  const http_response response = http_get(port, "/filtered/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::StartsWith("Something went wrong"));
  EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(site.store->size(), stored);
}

// Drogon does not treat these as the handshake of a WebSocket.
TEST(drogon_filter, commits_a_request_that_only_resembles_a_handshake) {
  filtered_site& site = filtered_site::instance();
  const int port = drogon_application::instance().port();
  const std::size_t stored = site.store->size();
  const std::string upgrade = "Upgrade: websocket\r\n";
  const std::string both = upgrade + "Connection: upgrade\r\n";
  EXPECT_THAT(http_get(port, "/filtered/put", upgrade).all("Set-Cookie"), testing::SizeIs(1));
  EXPECT_EQ(site.store->size(), stored + 1);
  http_connection connection(port);
  EXPECT_EQ(connection.get("/filtered/get").body, "nothing");
  EXPECT_THAT(connection.get("/filtered/put", both).all("Set-Cookie"), testing::SizeIs(1));
  EXPECT_EQ(site.store->size(), stored + 2);
}

TEST(drogon_filter, answers_what_such_a_request_throws) {
  const int port = drogon_application::instance().port();
  EXPECT_EQ(http_get(port, "/filtered/throw", "Upgrade: websocket\r\n").status, 500);
  http_connection connection(port);
  EXPECT_EQ(connection.get("/filtered/get").status, 200);
  EXPECT_EQ(
      connection.get("/filtered/throw", "Upgrade: websocket\r\nConnection: upgrade\r\n").status,
      500);
}

TEST(drogon_filter, answers_503_while_the_store_is_down) {
  filtered_site& site = filtered_site::instance();
  const int port = drogon_application::instance().port();
  const std::string cookie = cookie_line(http_get(port, "/filtered/put"));
  site.store->finds_fail = true;
  const http_response refused = http_get(port, "/filtered/get", cookie);
  site.store->finds_fail = false;
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.one("Retry-After"), "5");
  site.store->commits_fail = true;
  EXPECT_EQ(http_get(port, "/filtered/put").status, 503);
  site.store->commits_fail = false;
}

}  // namespace

}  // namespace scs::http::tests
