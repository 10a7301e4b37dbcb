// Sessions for a whole server on cpp-httplib: install().

#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/httplib_install.hpp>
#include <scs/stores/cookie.hpp>

#include "httplib_adapter.hpp"
#include "raw_http.hpp"

namespace scs::http::tests {

namespace {

class installed_httplib : public httplib_adapter {
 protected:
  /// A manager whose sessions cannot be committed if they contain much data.
  installed_httplib()
      : small_(std::make_unique<stores::cookie>(
                   stores::cookie_options{.secrets = {std::string(32, 's')}}),
               {.cookie = {.secure = false}}) {}
  ~installed_httplib() override { halt(); }

  httplib_options reporting() {
    return {.on_failure = [this](const failure& failure) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(failure.kind);
    }};
  }
  std::vector<failure_kind> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

  static void count(const httplib::Request& request, httplib::Response& response) {
    session& session = session_of(request);
    session.put("n", session.get_or("n", 0) + 1);
    response.set_content(std::to_string(session.get_or("n", 0)), "text/plain");
  }

  static void put_too_much(const httplib::Request& request, httplib::Response& response) {
    session_of(request).put("message", std::string(4000, 'x'));
    response.set_header("X-Handler", "secret");
    response.set_content(std::string(5000, 'h'), "text/html");
  }

  static std::string cookie_of(const http_response& response) {
    const std::string set = response.one("Set-Cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  }

  session_manager small_;

 private:
  std::mutex mutex_;
  std::vector<failure_kind> failures_;
};

TEST_F(installed_httplib, serves_every_method_and_both_kinds_of_body) {
  install(server_, sessions_);
  const auto put = [](const httplib::Request& request, httplib::Response&) {
    session_of(request).put("body", request.body);
  };
  server_.Post("/", put).Put("/", put).Patch("/", put).Delete("/", put).Options("/", put);
  server_.Post("/upload", [](const httplib::Request& request, httplib::Response& response,
                             const httplib::ContentReader& content) {
    std::size_t size = 0;
    content([&](const char*, std::size_t more) {
      size += more;
      return true;
    });
    session_of(request).put("size", size);
    response.set_content(std::to_string(size), "text/plain");
  });
  start();
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const http_response response =
        http_connection(port_).request(method, "/", "Content-Type: text/plain\r\n", "text");
    EXPECT_EQ(response.status, 200) << method;
    EXPECT_EQ(response.all("Set-Cookie").size(), 1U) << method;
  }
  const http_response upload = http_connection(port_).request(
      "POST", "/upload", "Content-Type: text/plain\r\n", std::string(100'000, 'x'));
  EXPECT_EQ(upload.body, "100000");
  EXPECT_EQ(upload.all("Set-Cookie").size(), 1U);
}

TEST_F(installed_httplib, replaces_a_response_whose_session_cannot_be_committed) {
  server_.set_default_headers({{"X-Frame-Options", "DENY"}});
  httplib_options options = reporting();
  options.on_error = [](const std::exception_ptr&, const httplib::Request& request,
                        httplib::Response& response) {
    if (!request.has_param("stream")) return response.set_content("sorry", "text/html");
    response.set_chunked_content_provider("text/html",
                                          [](std::size_t offset, httplib::DataSink& sink) {
                                            if (offset >= 6) {
                                              sink.done();
                                              return true;
                                            }
                                            return sink.write("so ", 3);
                                          });
  };
  install(server_, small_, std::move(options));
  server_.Get("/too_much", put_too_much);
  server_.Get("/count", count);
  start();
  http_connection connection(port_);
  const std::string cookie = cookie_of(connection.request("GET", "/count"));
  // The range and the encoding belong to the handler's response, not to the response that replaces
  // it.
  const http_response failed = connection.request(
      "GET", "/too_much", cookie + "Range: bytes=2-4\r\nAccept-Encoding: gzip, br\r\n");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body, "sorry");
  EXPECT_EQ(failed.one("Content-Length"), "5");
  EXPECT_EQ(failed.one("Content-Type"), "text/html");
  EXPECT_EQ(failed.one("X-Frame-Options"), "DENY");
  for (const char* name : {"Content-Encoding", "Content-Range", "X-Handler", "Set-Cookie"}) {
    EXPECT_THAT(failed.all(name), testing::IsEmpty()) << name;
  }
  const http_response streamed =
      connection.request("GET", "/too_much?stream=1", cookie + "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(streamed.status, 500);
  EXPECT_EQ(streamed.body, "so so ");
  EXPECT_THAT(streamed.all("Transfer-Encoding"), testing::IsEmpty());
  EXPECT_EQ(connection.request("GET", "/count", cookie).body, "2") << "the connection stays open";
  EXPECT_THAT(failures(),
              testing::ElementsAre(failure_kind::session_failed, failure_kind::session_failed));
  const http_response closed =
      http_connection(port_).request("GET", "/too_much", cookie + "Connection: close\r\n");
  EXPECT_EQ(closed.body, "sorry");
  EXPECT_EQ(closed.one("Connection"), "close");
}

TEST_F(installed_httplib, calls_the_applications_hooks_in_their_order) {
  using response_of = httplib::Server::HandlerResponse;
  httplib_hooks hooks;
  hooks.pre_routing = [](const httplib::Request& request, httplib::Response& response) {
    if (request.path != "/pre") {
      if (request.path == "/pre_throws") throw std::runtime_error("secret");
      return response_of::Unhandled;
    }
    count(request, response);
    return response_of::Handled;
  };
  hooks.error = [](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/error_throws") throw std::runtime_error("secret");
    response.set_content("page for " + std::to_string(response.status), "text/html");
    return response_of::Handled;
  };
  hooks.post_routing = [](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/post_throws") throw std::runtime_error("secret");
    if (request.path == "/post_changes") session_of(request).put("late", 1);
    response.set_header("X-Cookies", std::to_string(response.headers.count("Set-Cookie")));
  };
  install(server_, small_, reporting(), std::move(hooks));
  server_.Get("/too_much", put_too_much);
  server_.Get("/post_throws", count);
  server_.Get("/post_changes", count);
  start();
  http_connection connection(port_);
  const http_response pre = connection.request("GET", "/pre");
  EXPECT_EQ(pre.body, "1");
  EXPECT_EQ(pre.one("X-Cookies"), "1") << "committed before the hook";
  EXPECT_EQ(connection.request("GET", "/pre", cookie_of(pre)).body, "2");
  EXPECT_EQ(connection.request("GET", "/nowhere").body, "page for 404");
  const http_response failed = connection.request("GET", "/too_much");
  EXPECT_EQ(failed.body, "page for 500");
  EXPECT_EQ(failed.one("Content-Length"), "12");
  EXPECT_EQ(failed.one("X-Cookies"), "0") << "the hook sees errors, too";
  EXPECT_THAT(failed.all("X-Handler"), testing::IsEmpty());
  EXPECT_EQ(connection.request("GET", "/pre_throws").body, "page for 500");
  for (const char* target : {"/error_throws", "/post_throws", "/post_changes"}) {
    const http_response response = connection.request("GET", target);
    EXPECT_EQ(response.status, 500) << target;
    EXPECT_THAT(response.body, testing::StartsWith("Something went wrong")) << target;
    EXPECT_THAT(response.all("EXCEPTION_WHAT"), testing::IsEmpty()) << target;
  }
  EXPECT_THAT(failures(),
              testing::ElementsAre(failure_kind::session_failed, failure_kind::handler_threw,
                                   failure_kind::handler_threw, failure_kind::handler_threw,
                                   failure_kind::handler_threw));
}

TEST_F(installed_httplib, stays_out_of_what_is_answered_before_routing) {
  std::vector<std::string> seen;  // on one connection, in order
  httplib_hooks hooks;
  hooks.post_routing = [&](const httplib::Request& request, httplib::Response& response) {
    try {
      session_of(request);
      seen.push_back(std::to_string(response.status) + " session");
    } catch (const std::logic_error&) {
      seen.push_back(std::to_string(response.status) + " none");
    }
    if (response.status == 414) throw std::runtime_error("secret");
  };
  install(server_, sessions_, {}, std::move(hooks));
  server_.set_expect_100_continue_handler(
      [](const httplib::Request& request, httplib::Response& response) {
        if (!request.has_header("X-Refuse")) return 100;
        return response.status = 403;
      });
  server_.Get("/count", count);
  start();
  const std::string cookie = cookie_of(http_get(port_, "/count"));
  EXPECT_EQ(http_get(port_, "/count", cookie + "Range: nonsense\r\n").status, 416);
  EXPECT_EQ(http_connection(port_)
                .request("GET", "/count", cookie + "X-Refuse: 1\r\nExpect: 100-continue\r\n")
                .status,
            403);
  const http_response long_target = http_get(port_, "/" + std::string(9000, 'x'));
  EXPECT_EQ(long_target.status, 500) << "the post-routing hook threw";
  EXPECT_THAT(long_target.body, testing::Not(testing::HasSubstr("secret")));
  EXPECT_EQ(http_get(port_, "/count", cookie).body, "2");
  halt();
  EXPECT_THAT(
      seen, testing::ElementsAre("200 session", "416 none", "403 none", "414 none", "200 session"));
}

// The library does not count them for set_payload_max_length().
TEST_F(installed_httplib, takes_no_body_of_unknown_size_unless_asked_to) {
  for (const bool asked : {false, true}) {
    httplib::Server server;
    httplib_options options = reporting();
    options.uncounted_bodies = asked;
    server.set_keep_alive_timeout(1);
    install(server, sessions_, options);
    server.Post("/", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(std::to_string(request.body.size()), "text/plain");
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { server.listen_after_bind(); });
    http_connection connection(port);
    connection.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    const http_response chunked = connection.receive();
    if (asked || detail::httplib_0_23_counts_chunks) {
      EXPECT_EQ(chunked.body, "5");
    } else {
      EXPECT_EQ(chunked.status, 411);
      EXPECT_EQ(chunked.one("Connection"), "close");
    }
    const http_response compressed = http_connection(port).request(
        "POST", "/", "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", "no gzip");
#ifdef CPPHTTPLIB_ZLIB_SUPPORT
    EXPECT_EQ(compressed.status, asked || detail::httplib_0_30_1_counts_decompressed ? 400 : 415);
#else
    EXPECT_EQ(compressed.status, 415) << "the library knows no compression";
#endif
    server.stop();
    thread.join();
  }
}

TEST_F(installed_httplib, keeps_requests_of_one_connection_apart) {
  server_.new_task_queue = [] { return new httplib::ThreadPool(1); };
  const auto folder = std::filesystem::path(testing::TempDir()) /
                      ("whole_server_" + std::to_string(std::random_device()()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "file.txt") << "a file";
  ASSERT_TRUE(server_.set_mount_point("/files", folder.string()));
  install(server_, sessions_);
  server_.Get("/count", count);
  server_.Get("/throw", [](const httplib::Request& request, httplib::Response&) {
    session_of(request).put("n", 100);
    throw 1;
  });
  start();
  http_connection connection(port_);
  const http_response first = connection.request("GET", "/count");
  const std::string cookie = cookie_of(first);
  EXPECT_EQ(connection.request("GET", "/count").body, "1") << "without its cookie: another visitor";
  const http_response file = connection.request("GET", "/files/file.txt", cookie);
  EXPECT_EQ(file.body, "a file");
  EXPECT_THAT(file.all("Vary"), testing::IsEmpty());
  EXPECT_THAT(connection.request("HEAD", "/files/file.txt", cookie).all("Vary"),
              testing::IsEmpty());
  EXPECT_EQ(connection.request("GET", "/nowhere", cookie).status, 404);
  EXPECT_EQ(connection.request("GET", "/throw", cookie).status, 500);
  const http_response nobody = connection.request("GET", "/nowhere");
  EXPECT_THAT(nobody.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(connection.request("GET", "/count", cookie).body, "2");
  std::filesystem::remove_all(folder);
}

TEST_F(installed_httplib, varies_by_the_cookie_when_only_a_hook_reads_the_session) {
  install(server_, sessions_, {},
          {.post_routing = [](const httplib::Request& request, httplib::Response& response) {
            if (request.path == "/quiet") return;
            response.set_header("X-Name",
                                session_of(request).get<std::string>("name").value_or("none"));
          }});
  server_.Get("/page", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("page", "text/plain");
  });
  server_.Get("/quiet", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("page", "text/plain");
  });
  start();
  for (const char* target : {"/page", "/quiet", "/nowhere"}) {
    const http_response response = http_get(port_, target);
    EXPECT_EQ(response.one("Vary"), "Cookie") << target;
    EXPECT_EQ(response.one("Cache-Control"), target == std::string("/quiet") ? "" : "private")
        << target;
  }
  EXPECT_EQ(http_get(port_, "/page").one("X-Name"), "none");
}

TEST_F(installed_httplib, varies_by_the_cookie_after_head_unless_it_serves_a_file) {
  install(server_, sessions_, {},
          {.pre_routing = [](const httplib::Request& request, httplib::Response& response) {
            if (request.path != "/answered") return httplib::Server::HandlerResponse::Unhandled;
            response.status = 200;
            return httplib::Server::HandlerResponse::Handled;
          }});
  server_.Get(R"(/user/(\d+))", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("user", "text/plain");
  });
  start();
  http_connection connection(port_);
  for (const char* target : {"/user/7", "/answered"}) {
    EXPECT_EQ(connection.request("HEAD", target).one("Vary"), "Cookie") << target;
  }
}

TEST_F(installed_httplib, keeps_default_cache_headers_from_error_pages) {
  server_.set_default_headers({{"Cache-Control", "public, max-age=60"}});
  install(server_, sessions_);
  server_.Get("/throw", [](const httplib::Request&, httplib::Response&) { throw 1; });
  start();
  EXPECT_EQ(http_get(port_, "/throw").one("Cache-Control"), "no-store");
}

TEST_F(installed_httplib, sends_no_length_where_no_body_is_allowed) {
  install(server_, sessions_);
  server_.Get("/none", [](const httplib::Request& request, httplib::Response& response) {
    session_of(request).put("key", 1);
    response.status = 204;
  });
  start();
  http_connection connection(port_);
  const http_response response = connection.get("/none");
  EXPECT_EQ(response.status, 204);
  EXPECT_THAT(response.all("Content-Length"), testing::IsEmpty());
  EXPECT_EQ(connection.get("/nowhere").status, 404) << "the connection stays open";
}

TEST_F(installed_httplib, serves_two_servers_and_a_second_manager) {
  session_manager admins{std::make_unique<fake_store>(),
                         {.cookie = {.name = "admin", .secure = false}}};
  httplib::Server other;
  install(server_, sessions_);
  install(other, admins);
  server_.Get("/count", count);
  other.Get("/count", count);
  server_.Get("/both", with(admins, [](session& admin, const httplib::Request& request,
                                       httplib::Response& response) {
                admin.put("seen", 1);
                count(request, response);
              }));
  start();
  const int other_port = other.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { other.listen_after_bind(); });
  while (!other.is_running())
    std::this_thread::yield();
  EXPECT_THAT(http_get(port_, "/count").one("Set-Cookie"), testing::StartsWith("session="));
  EXPECT_THAT(http_get(other_port, "/count").one("Set-Cookie"), testing::StartsWith("admin="));
  EXPECT_EQ(http_get(port_, "/both").all("Set-Cookie").size(), 2U);
  other.stop();
  thread.join();
}

TEST_F(installed_httplib, holds_streams_to_what_was_committed) {
  install(server_, sessions_, reporting());
  // Uses its session only while it streams, when it is too late to change it.
  server_.Get("/late", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content_provider(2, "text/plain",
                                  [&request](std::size_t, std::size_t, httplib::DataSink& sink) {
                                    session_of(request).put("late", 1);
                                    return sink.write("x", 1);
                                  });
  });
  start();
  EXPECT_THAT(http_get(port_, "/late").all("Set-Cookie"), testing::IsEmpty());
  halt();
  EXPECT_THAT(failures(), testing::ElementsAre(failure_kind::session_changed_while_streaming));
}

TEST_F(installed_httplib, reports_changes_that_are_lost_to_another_post_routing_handler) {
  install(server_, sessions_, reporting());
  server_.set_post_routing_handler([](const httplib::Request&, httplib::Response&) {});
  server_.Get("/count", count);
  server_.Get("/static", [](const httplib::Request&, httplib::Response&) {});
  start();
  EXPECT_EQ(http_get(port_, "/static").status, 200);
  EXPECT_THAT(http_get(port_, "/count").all("Set-Cookie"), testing::IsEmpty());
  halt();
  EXPECT_THAT(failures(), testing::ElementsAre(failure_kind::session_failed));
}

TEST(session_of, says_what_to_do_about_a_request_without_a_session) {
  try {
    session_of(httplib::Request{});
    FAIL();
  } catch (const std::logic_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("call scs::http::install()"));
  }
}

}  // namespace

}  // namespace scs::http::tests
