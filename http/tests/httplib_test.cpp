// Features that only the adapter for cpp-httplib has.

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/stores/cookie.hpp>

#include "httplib_adapter.hpp"
#include "raw_http.hpp"

namespace scs::http::tests {

namespace {

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
  // Both at the same time: one handler inside of the other.
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
  // A token opens nothing under another manager's cookie name.
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
  session_manager sessions{
      std::make_unique<stores::cookie>(stores::cookie_options{.secrets = {std::string(32, 's')}}),
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
