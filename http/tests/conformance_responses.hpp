#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "adapter_suite.hpp"

// Requirements for responses: after failures, of each kind, and to hostile requests. A part of
// conformance.hpp.

namespace scs::http::tests {

// --- failures

TYPED_TEST_P(adapter, answers_503_and_nothing_of_the_handlers_when_the_store_fails) {
  this->route("/put", [](session& session, reply& reply) {
    session.put("key", 1);
    reply = {.status = 201, .headers = {{"X-Handler", "1"}, {"Set-Cookie", "x=handler"}}};
    reply.body = "the handler's body";
  });
  this->server_->default_header("X-Default", "kept");
  this->start();
  this->store_->commits_fail = true;
  const http_response response = this->get("/put");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.one("Retry-After"), "5");
  EXPECT_TRUE(response.complete);
  this->expect_nothing_of_the_handler(response);
  EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(response.one("X-Default"), "kept");
  EXPECT_THAT(this->failures(1), testing::ElementsAre(failure_kind::session_failed));
}

TYPED_TEST_P(adapter, refuses_commits_while_too_many_wait_for_the_store) {
  this->use({.cookie = {.secure = false}, .max_waiting_commits = 1});
  this->route_put_and_get();
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  this->store_->hold_commits();
  http_response begun;
  std::thread visitor([&] { begun = this->get("/put"); });
  EXPECT_TRUE(this->store_->wait_for_a_commit());
  const std::size_t stored = this->store_->size();
  const http_response refused = this->get("/put", line);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.one("Retry-After"), "5");
  // "failed" is the answer of a server's own error handler.
  EXPECT_THAT(refused.body, testing::AnyOf(testing::HasSubstr("Nothing was changed"), "failed"));
  EXPECT_THAT(refused.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(this->store_->size(), stored);
  EXPECT_EQ(this->get("/get", line).body, "hello");
  this->store_->release_commits();
  visitor.join();
  EXPECT_EQ(begun.status, 200) << "a commit that has begun is waited for";
  EXPECT_EQ(begun.all("Set-Cookie").size(), 1U);
  EXPECT_EQ(this->get("/put", line).status, 200);
  EXPECT_EQ(this->last_failure().code, errc::store_busy);
}

TYPED_TEST_P(adapter, releases_the_handlers_stream_when_the_store_fails) {
  std::atomic<int> released = 0;
  std::atomic<int> chunks = 0;
  this->route("/put", [&](session& session, reply& reply) {
    session.put("key", 1);
    reply.next_chunk = [&]() -> std::optional<std::string> {
      return chunks++ == 0 ? std::optional("from the handler") : std::nullopt;
    };
    reply.stream_released = [&] { ++released; };
  });
  this->start();
  this->store_->commits_fail = true;
  const http_response response = this->get("/put");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.one("Retry-After"), "5");
  this->expect_nothing_of_the_handler(response);
  EXPECT_EQ(chunks, 0);
  this->server_->stop();
  EXPECT_EQ(released, 1);
}

TYPED_TEST_P(adapter, answers_503_when_the_store_fails_even_if_the_handler_caught_it) {
  this->route_put_and_get();
  this->route("/careless", [](session& session, reply& reply) {
    try {
      session.exists("key");
    } catch (const error&) {
      reply.body = "the handler went on";
    }
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  this->store_->finds_fail = true;
  const http_response response = this->get("/careless", line);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.one("Retry-After"), "5");
  this->expect_nothing_of_the_handler(response);
}

TYPED_TEST_P(adapter, answers_500_without_the_text_when_a_handler_throws) {
  this->route("/throw", [](session& session, reply& reply) {
    session.put("key", 1);
    reply = {.status = 302, .headers = {{"X-Handler", "1"}}, .body = "the handler's body"};
    throw std::runtime_error("the handler's secret");
  });
  this->route("/throw-an-int", [](session&, reply&) { throw 1; });
  this->start();
  for (const char* target : {"/throw", "/throw-an-int"}) {
    const http_response response = this->get(target);
    EXPECT_EQ(response.status, 500);
    EXPECT_TRUE(response.complete);
    this->expect_nothing_of_the_handler(response);
    EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
    EXPECT_THAT(response.all("EXCEPTION_WHAT"), testing::IsEmpty());
  }
  EXPECT_EQ(this->store_->size(), 0U) << "what the handler changed is dropped";
  EXPECT_THAT(this->failures(2),
              testing::ElementsAre(failure_kind::handler_threw, failure_kind::handler_threw));
}

TYPED_TEST_P(adapter, answers_409_when_the_session_is_gone) {
  this->route_put_and_get();
  this->route("/slow", [this](session& session, reply& reply) {
    session.put("other", 1);
    this->store_->erase_all();  // as another request's destroy() would
    reply.body = "the handler's body";
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  const http_response response = this->get("/slow", line);
  EXPECT_EQ(response.status, 409);
  this->expect_nothing_of_the_handler(response);
  EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
}

TYPED_TEST_P(adapter, clears_the_cookie_of_a_destroyed_session_even_if_the_handler_throws) {
  this->route_put_and_get();
  this->route("/logout", [](session& session, reply&) {
    session.destroy();
    throw std::runtime_error("the handler's secret");
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  const http_response response = this->get("/logout", line);
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.one("Set-Cookie"), testing::StartsWith("session=;"));
  EXPECT_THAT(response.one("Set-Cookie"), testing::HasSubstr("Max-Age=0"));
  EXPECT_EQ(response.one("Cache-Control"), "no-store");
  EXPECT_EQ(this->get("/get", line).body, "nothing");
}

TYPED_TEST_P(adapter, lets_the_error_function_answer) {
  this->route(
      "/throw",
      [](session&, reply& reply) {
        reply.headers = {{"X-Handler", "1"}};
        throw std::runtime_error("the handler's secret");
      },
      [](const std::exception_ptr& cause, reply& reply) {
        EXPECT_THROW(std::rethrow_exception(cause), std::runtime_error);
        reply = {.status = 503, .headers = {{"Retry-After", "5"}}, .body = "come back later"};
      });
  this->start();
  const http_response response = this->get("/throw");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.one("Retry-After"), "5");
  EXPECT_EQ(response.body, "come back later");
  this->expect_nothing_of_the_handler(response);
}

TYPED_TEST_P(adapter, tells_what_failed_and_in_which_request) {
  this->route("/put", [](session& session, reply&) { session.put("key", 1); });
  this->route("/throw", [](session&, reply&) {
    try {
      throw std::runtime_error("the cause");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("the handler's trouble"));
    }
  });
  this->start();
  this->store_->commits_fail = true;
  this->get("/put?secret=1");
  this->failures(1);
  failure told = this->last_failure();
  EXPECT_EQ(told.code, errc::store_failed);
  EXPECT_EQ(told.method, "GET");
  EXPECT_EQ(told.path, "/put");
  EXPECT_TRUE(told.cause);
  EXPECT_EQ(told.text.find("session store failed"), told.text.rfind("session store failed"))
      << told.text << ": says it once";
  EXPECT_THAT(log_line(told),
              testing::StartsWith(R"(session_failed code=scs:6 request="GET /put" text=")"));
  this->post("/throw");
  this->failures(2);
  told = this->last_failure();
  EXPECT_FALSE(told.code);
  EXPECT_EQ(told.text, "the handler's trouble: the cause");
  EXPECT_EQ(told.method, "POST");
  EXPECT_EQ(told.path, "/throw");
}

TYPED_TEST_P(adapter, survives_an_error_function_that_throws) {
  this->route(
      "/throw", [](session&, reply&) { throw std::runtime_error("the handler's secret"); },
      [](const std::exception_ptr& cause, reply& reply) {
        reply = {.headers = {{"X-Handler", "1"}}, .body = "half of the handler's error page"};
        std::rethrow_exception(cause);
      });
  this->start();
  const http_response response = this->get("/throw");
  EXPECT_EQ(response.status, 500);
  this->expect_nothing_of_the_handler(response);
  EXPECT_THAT(this->failures(2), testing::ElementsAre(failure_kind::handler_threw,
                                                      failure_kind::error_function_threw));
}

// --- kinds of responses

TYPED_TEST_P(adapter, answers_head_like_get_without_the_body) {
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  const http_response put = connection.request("HEAD", "/put");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.one("Content-Length"), "3");
  const http_response got = connection.get("/get", this->cookie_line(put));
  EXPECT_EQ(got.status, 200) << "a body after HEAD would be read as the next response";
  EXPECT_EQ(got.body, "hello");
}

TYPED_TEST_P(adapter, adds_its_headers_to_304_and_redirects) {
  this->route("/cached", [](session& session, reply& reply) {
    session.put("key", 1);
    reply.status = 304;
  });
  this->route("/login", [](session& session, reply& reply) {
    session.put("user", "tom");
    reply.redirect_to = "/home?a=b";
  });
  this->start();
  http_connection connection(this->port_);
  const http_response cached = connection.get("/cached");
  EXPECT_EQ(cached.status, 304);
  EXPECT_THAT(cached.one("Set-Cookie"), testing::StartsWith("session="));
  const http_response login = connection.get("/login");
  EXPECT_EQ(login.status, 302);
  EXPECT_EQ(login.one("Location"), "/home?a=b");
  EXPECT_THAT(login.one("Set-Cookie"), testing::StartsWith("session="));
}

TYPED_TEST_P(adapter, sends_no_body_where_none_is_allowed) {
  for (const int status : {204, 304}) {
    this->route("/" + std::to_string(status), [status](session& session, reply& reply) {
      session.put("key", 1);
      reply.status = status;
      reply.body = "the handler's body";
    });
  }
  this->route("/204/stream", [](session&, reply& reply) {
    reply.status = 204;
    reply.next_chunk = [over = false]() mutable -> std::optional<std::string> {
      return std::exchange(over, true) ? std::nullopt : std::optional(std::string("chunk"));
    };
  });
  this->route(
      "/204/error", [](session&, reply&) { throw 1; },
      [](const std::exception_ptr&, reply& reply) { reply = {.status = 204, .body = "x"}; });
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  for (const char* target : {"/204", "/304", "/204/stream", "/204/error"}) {
    const http_response response = connection.get(target);
    EXPECT_EQ(response.status, target[1] == '3' ? 304 : 204) << target;
    EXPECT_THAT(response.all("Content-Length"), testing::IsEmpty()) << target;
    EXPECT_THAT(response.all("Transfer-Encoding"), testing::IsEmpty()) << target;
    EXPECT_THAT(response.all("Set-Cookie"), testing::SizeIs(target[4] == '/' ? 0 : 1)) << target;
    EXPECT_EQ(connection.get("/put").body, "put") << "a body would be read as the next response";
  }
}

TYPED_TEST_P(adapter, commits_before_the_first_byte_of_a_stream) {
  std::atomic<std::size_t> stored_at_first_chunk = 0;
  std::atomic<int> released = 0;
  this->route("/stream", [&](session& session, reply& reply) {
    session.put("message", "streamed");
    reply.next_chunk = [&, chunk = 0]() mutable -> std::optional<std::string> {
      if (chunk == 0) stored_at_first_chunk = this->store_->size();
      if (chunk == 3) return std::nullopt;
      return std::to_string(chunk++) + session.get<std::string>("message").value_or("");
    };
    reply.stream_released = [&] { ++released; };
  });
  this->start();
  const http_response response = this->get("/stream");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body, "0streamed1streamed2streamed");
  EXPECT_THAT(response.one("Set-Cookie"), testing::StartsWith("session="));
  EXPECT_EQ(stored_at_first_chunk, 1U);
  this->server_->stop();
  EXPECT_EQ(released, 1);
  EXPECT_THAT(this->failures(0), testing::IsEmpty());
}

TYPED_TEST_P(adapter, ends_a_stream_that_throws) {
  this->route("/stream", [](session&, reply& reply) {
    reply.next_chunk = [first = true]() mutable -> std::optional<std::string> {
      if (!std::exchange(first, false)) throw std::runtime_error("the handler's secret");
      return "first";
    };
  });
  this->route_put_and_get();
  this->start();
  const http_response response = this->get("/stream");
  EXPECT_EQ(response.status, 200) << "it was sent by then";
  EXPECT_EQ(response.body, "first");
  EXPECT_FALSE(response.complete);
  EXPECT_THAT(this->failures(1), testing::ElementsAre(failure_kind::stream_threw));
  EXPECT_EQ(this->get("/put").status, 200) << "the server lives on";
}

TYPED_TEST_P(adapter, ends_a_stream_that_changes_the_session) {
  this->route_put_and_get();
  this->route("/stream", [](session& session, reply& reply) {
    session.put("message", "before");
    reply.next_chunk = [&session]() -> std::optional<std::string> {
      session.put("message", "too late");
      return "chunk";
    };
  });
  this->start();
  const http_response response = this->get("/stream");
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.complete);
  EXPECT_THAT(this->failures(1),
              testing::ElementsAre(failure_kind::session_changed_while_streaming));
  EXPECT_EQ(this->get("/get", this->cookie_line(response)).body, "before");
}

TYPED_TEST_P(adapter, ends_a_stream_that_changes_the_session_even_if_the_handler_did_before) {
  this->route_put_and_get();
  const auto change_late = [](session& session, reply& reply) {
    reply.next_chunk = [&session, over = false]() mutable -> std::optional<std::string> {
      if (over) return std::nullopt;
      session.put("message", "too late");
      over = true;
      return "chunk";
    };
  };
  this->route("/update", [=](session& session, reply& reply) {
    session.update<std::string>("message", [](auto) { return "updated"; });
    change_late(session, reply);
  });
  this->route("/remove", [=](session& session, reply& reply) {
    session.remove("message");
    change_late(session, reply);
  });
  this->start();
  const std::string cookie = this->cookie_line(this->get("/put"));
  EXPECT_FALSE(this->get("/update", cookie).complete);
  EXPECT_EQ(this->get("/get", cookie).body, "updated");
  EXPECT_FALSE(this->get("/remove").complete) << "on a session without values";
  EXPECT_THAT(this->failures(2), testing::Each(failure_kind::session_changed_while_streaming));
}

TYPED_TEST_P(adapter, ends_a_stream_that_begins_a_session_behind_the_headers) {
  this->route("/stream", [](session& session, reply& reply) {
    reply.next_chunk = [&session]() -> std::optional<std::string> {
      session.put("message", "too late");
      session.save();
      return "chunk";
    };
  });
  this->start();
  EXPECT_FALSE(this->get("/stream").complete);
  EXPECT_THAT(this->failures(1),
              testing::ElementsAre(failure_kind::session_changed_while_streaming));
}

TYPED_TEST_P(adapter, sends_the_cookie_of_a_session_that_the_handler_saved) {
  this->route_put_and_get();
  this->route("/save", [](session& session, reply&) {
    session.put("message", "saved");
    session.save();
    session.put("message", "lost");
    throw std::runtime_error("after that");
  });
  this->start();
  const http_response response = this->get("/save");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(this->get("/get", this->cookie_line(response)).body, "saved");
}

TYPED_TEST_P(adapter, survives_a_client_that_leaves_in_the_middle_of_a_stream) {
  std::atomic<int> released = 0;
  this->route("/stream", [&](session& session, reply& reply) {
    session.put("key", 1);
    reply.next_chunk = [] { return std::optional(std::string(65536, 'x')); };
    reply.stream_released = [&] { ++released; };
  });
  this->start();
  {
    http_connection connection(this->port_);
    connection.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(connection.receive(http_connection::expect::no_body).status, 200);
  }
  this->server_->stop();
  EXPECT_EQ(released, 1);
}

// --- hostile requests

TYPED_TEST_P(adapter, takes_no_header_from_a_request_into_the_response) {
  this->route("/echo", [](session& session, reply& reply) {
    session.put("message", "a\r\nSet-Cookie: evil=1");
    reply.body = session.get<std::string>("message").value_or("");
  });
  this->start();
  const http_response response = this->get(
      "/echo",
      "Cookie: session=a%0d%0aSet-Cookie:%20evil=1%00; session=\"\r\nCookie: evil=%0d%0aX: y\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.all("Set-Cookie").size(), 1U);
  EXPECT_THAT(response.one("Set-Cookie"), testing::StartsWith("session="));
  EXPECT_THAT(response.one("Set-Cookie"), testing::Not(testing::HasSubstr("evil")));
  EXPECT_THAT(response.all("X"), testing::IsEmpty());
}

TYPED_TEST_P(adapter, survives_a_cookie_header_of_a_megabyte) {
  this->route_put_and_get();
  this->start();
  {
    http_connection connection(this->port_);
    connection.send("GET /get HTTP/1.1\r\nHost: localhost\r\nCookie: session=" +
                    std::string(1U << 20U, 'a') + "\r\n\r\n");
    const int status = connection.receive().status;
    EXPECT_TRUE(status == 0 || (status >= 400 && status < 500) || status == 200) << status;
  }
  EXPECT_EQ(this->get("/put").status, 200);
}

TYPED_TEST_P(adapter, survives_a_thousand_cookies_and_names_with_every_byte) {
  this->route_put_and_get();
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  std::string many = "Cookie: ";
  for (int i = 0; i < 1000; ++i) {
    many += "c=" + std::to_string(i) + "; ";
  }
  EXPECT_EQ(this->get("/get", many + "a=b\r\n" + line).body, "hello");
  std::string bytes = "Cookie: ";
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '\r' && byte != '\n') bytes += std::string(1, static_cast<char>(byte)) + "=1; ";
  }
  // Some libraries refuse a request with such bytes altogether.
  const http_response odd = this->get("/get", bytes + "a=b\r\n" + line);
  EXPECT_TRUE(odd.body == "hello" || odd.status == 0 || odd.status / 100 == 4) << odd.status;
  EXPECT_EQ(this->get("/get", line).body, "hello");
}

}  // namespace scs::http::tests
