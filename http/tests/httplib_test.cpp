#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <httplib.h>

#include <scs/http/httplib.hpp>
#include <scs/stores/cookie.hpp>

#include "conformance.hpp"

namespace scs::http::tests {

class httplib_server final : public adapter_server {
 public:
  explicit httplib_server(session_manager& sessions) : sessions_(sessions) {
    server_.set_keep_alive_timeout(1);
    server_.set_keep_alive_max_count(1000);
  }
  ~httplib_server() override { httplib_server::stop(); }

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    httplib_options options{.on_failure = std::move(on_failure)};
    if (on_error) {
      options.on_error = [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                                          const httplib::Request&,
                                                          httplib::Response& response) {
        reply reply;
        fill_on_exit fill{reply, response};
        on_error(cause, reply);
      };
    }
    server_.Get(target,
                with(
                    sessions_,
                    [handler = std::move(handler)](session& session, const httplib::Request&,
                                                   httplib::Response& response) {
                      reply reply;
                      fill_on_exit fill{reply, response};
                      handler(session, reply);
                    },
                    std::move(options)));
  }

  void default_header(const std::string& name, const std::string& value) override {
    server_.set_default_headers({{name, value}});
  }

  int start() override {
    const int port = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running())
      std::this_thread::yield();
    return port;
  }

  void stop() override {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

 private:
  /// Translates the reply also when the handler throws, as a real handler would have filled its
  /// response by then.
  class fill_on_exit {
   public:
    fill_on_exit(reply& from, httplib::Response& to) : from_(from), to_(to) {}
    fill_on_exit(const fill_on_exit&) = delete;
    fill_on_exit& operator=(const fill_on_exit&) = delete;
    ~fill_on_exit() {
      for (const auto& [name, value] : from_.headers) {
        to_.set_header(name, value);
      }
      if (!from_.redirect_to.empty()) to_.set_redirect(from_.redirect_to);
      if (from_.status != 0) to_.status = from_.status;
      if (from_.next_chunk) {
        to_.set_chunked_content_provider(
            "text/plain",
            [next = std::move(from_.next_chunk)](size_t, httplib::DataSink& sink) mutable {
              if (const std::optional<std::string> chunk = next()) {
                return sink.write(chunk->data(), chunk->size());
              }
              sink.done();
              return true;
            },
            [released = std::move(from_.stream_released)](bool) {
              if (released) released();
            });
      } else if (!from_.body.empty()) {
        to_.set_content(from_.body, "text/plain");
      }
    }

   private:
    reply& from_;
    httplib::Response& to_;
  };

  session_manager& sessions_;
  httplib::Server server_;
  std::thread thread_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(httplib, adapter, httplib_server);

namespace {

// --- what only cpp-httplib has

class httplib_adapter : public testing::Test {
 protected:
  httplib_adapter() : sessions_(std::make_unique<fake_store>(), {.cookie = {.secure = false}}) {}
  ~httplib_adapter() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    server_.set_keep_alive_timeout(1);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running())
      std::this_thread::yield();
  }

  session_manager sessions_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

void put_body(session& session, const httplib::Request& request, httplib::Response&) {
  session.put("body", request.body);
}

TEST_F(httplib_adapter, wraps_functions_for_every_method) {
  server_.Post("/", with(sessions_, put_body));
  server_.Put("/", with(sessions_, put_body));
  server_.Patch("/", with(sessions_, &put_body));
  server_.Delete("/", with(sessions_, put_body));
  server_.Options("/", with(sessions_, put_body));
  start();
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const http_response response =
        http_connection(port_).request(method, "/", "Content-Type: text/plain\r\n", "text");
    EXPECT_EQ(response.status, 200) << method;
    EXPECT_EQ(response.all("Set-Cookie").size(), 1U) << method;
  }
}

TEST_F(httplib_adapter, wraps_handlers_that_read_the_body_piece_by_piece) {
  server_.Post("/upload", with(sessions_, [](session& session, const httplib::Request&,
                                             httplib::Response& response,
                                             const httplib::ContentReader& content) {
                 std::string body;
                 content([&](const char* data, size_t size) {
                   body.append(data, size);
                   return true;
                 });
                 session.put("size", body.size());
                 response.set_content(std::to_string(body.size()), "text/plain");
               }));
  start();
  const http_response response = http_connection(port_).request(
      "POST", "/upload", "Content-Type: text/plain\r\n", std::string(100'000, 'x'));
  EXPECT_EQ(response.body, "100000");
  EXPECT_EQ(response.all("Set-Cookie").size(), 1U);
}

TEST_F(httplib_adapter, serves_ranges_of_a_stream_of_known_length) {
  server_.Get("/file", with(sessions_, [](session& session, const httplib::Request&,
                                          httplib::Response& response) {
                session.put("key", 1);
                response.set_content_provider(
                    10, "text/plain", [](size_t offset, size_t length, httplib::DataSink& sink) {
                      return sink.write(&"0123456789"[offset], length);
                    });
              }));
  start();
  EXPECT_EQ(http_get(port_, "/file").body, "0123456789");
  const http_response part = http_get(port_, "/file", "Range: bytes=2-4\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
}

TEST_F(httplib_adapter, survives_a_releaser_that_throws) {
  server_.Get("/stream",
              with(sessions_, [](session&, const httplib::Request&, httplib::Response& response) {
                response.set_content_provider(
                    1, "text/plain",
                    [](size_t, size_t, httplib::DataSink& sink) { return sink.write("x", 1); },
                    [](bool) { throw std::runtime_error("released badly"); });
              }));
  start();
  EXPECT_EQ(http_get(port_, "/stream").body, "x");
  EXPECT_EQ(http_get(port_, "/stream").body, "x");
}

TEST_F(httplib_adapter, serves_several_managers_side_by_side) {
  session_manager admins{std::make_unique<fake_store>(),
                         {.lifetime = std::chrono::minutes{10},
                          .cookie = {.name = "admin", .path = "/admin", .secure = false}}};
  const auto count = [](session& session, const httplib::Request&, httplib::Response& response) {
    session.put("n", session.get_or("n", 0) + 1);
    response.set_content(std::to_string(session.get_or("n", 0)), "text/plain");
  };
  server_.Get("/shop", with(sessions_, count));
  server_.Get("/admin", with(admins, count));
  // Both at once: one handler within the other.
  server_.Get("/admin/both", with(admins, [&](session& admin, const httplib::Request& request,
                                              httplib::Response& response) {
                with(sessions_, [&](session& shop, const httplib::Request&, httplib::Response&) {
                  response.set_content(
                      std::to_string(admin.get_or("n", 0)) + std::to_string(shop.get_or("n", 0)),
                      "text/plain");
                  admin.put("seen", 1);
                  shop.put("seen", 1);
                })(request, response);
              }));
  start();
  const http_response shop = http_get(port_, "/shop");
  const http_response admin = http_get(port_, "/admin");
  const auto pair = [](const http_response& response) {
    const std::string set = response.one("Set-Cookie");
    return set.substr(0, set.find(';'));
  };
  EXPECT_THAT(shop.one("Set-Cookie"), testing::HasSubstr("; Max-Age=86400"));
  EXPECT_THAT(admin.one("Set-Cookie"), testing::HasSubstr("; Max-Age=600"));
  EXPECT_THAT(admin.one("Set-Cookie"), testing::HasSubstr("; Path=/admin"));
  const std::string cookies = "Cookie: " + pair(shop) + "; " + pair(admin) + "\r\n";
  EXPECT_EQ(http_get(port_, "/shop", cookies).body, "2");
  EXPECT_EQ(http_get(port_, "/shop", cookies).body, "3");
  EXPECT_EQ(http_get(port_, "/admin", cookies).body, "2");
  const http_response both = http_get(port_, "/admin/both", cookies);
  EXPECT_EQ(both.body, "23");
  EXPECT_EQ(both.one("Vary"), "Cookie");
  const http_response fresh = http_get(port_, "/admin/both");
  EXPECT_EQ(fresh.body, "00");
  EXPECT_EQ(fresh.all("Set-Cookie").size(), 2U);
  // A token is worth nothing under another manager's name.
  const std::string swapped = "Cookie: admin=" + pair(shop).substr(8) + "\r\n";
  EXPECT_EQ(http_get(port_, "/admin", swapped).body, "1");
}

TEST_F(httplib_adapter, lets_the_servers_own_error_handler_see_its_errors) {
  server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    response.set_content("page for " + std::to_string(response.status), "text/html");
  });
  server_.Get("/throw", with(sessions_, [](session&, const httplib::Request&, httplib::Response&) {
                throw std::runtime_error("secret");
              }));
  start();
  const http_response response = http_get(port_, "/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "page for 500");
}

TEST_F(httplib_adapter, serves_sessions_that_live_in_their_cookies) {
  session_manager sessions{std::make_unique<stores::cookiestore>(
                               stores::cookiestore_options{.secrets = {std::string(32, 's')}}),
                           {.cookie = {.secure = false}}};
  server_.Get("/put", with(sessions, [](session& session, const httplib::Request&,
                                        httplib::Response&) { session.put("message", "hello"); }));
  server_.Get(
      "/get",
      with(sessions, [](session& session, const httplib::Request&, httplib::Response& response) {
        response.set_content(session.get<std::string>("message").value_or("nothing"), "text/plain");
      }));
  server_.Get("/too_much",
              with(sessions, [](session& session, const httplib::Request&, httplib::Response&) {
                session.put("message", std::string(4000, 'x'));
              }));
  start();
  const http_response put = http_get(port_, "/put");
  ASSERT_EQ(put.all("Set-Cookie").size(), 1U);
  const std::string set = put.all("Set-Cookie").at(0);
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  EXPECT_EQ(http_get(port_, "/get", cookie).body, "hello");
  EXPECT_EQ(http_get(port_, "/get").body, "nothing");
  const http_response failed = http_get(port_, "/too_much", cookie);
  EXPECT_EQ(failed.status, 500);
  EXPECT_TRUE(failed.all("Set-Cookie").empty());
}

}  // namespace
}  // namespace scs::http::tests
