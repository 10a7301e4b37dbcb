#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "adapter_suite.hpp"

// Requirements for cookies and other headers. A part of conformance.hpp.

namespace scs::http::tests {

// --- a header instead of the cookie

TYPED_TEST_P(adapter, carries_the_token_in_a_header) {
  this->use({.transport = header_transport{.name = "X-Session"}});
  this->route_put_and_get();
  this->start();
  const http_response put = this->get("/put");
  const std::string token = put.one("X-Session");
  EXPECT_EQ(token.size(), 43U);
  EXPECT_THAT(put.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(put.one("Cache-Control"), "no-store");

  for (const char* name : {"X-Session: ", "x-session: ", "Authorization: Bearer "}) {
    const http_response got = this->get("/get", name + token + "\r\n");
    EXPECT_EQ(got.body, "hello") << name;
    EXPECT_EQ(got.one("Vary"), "X-Session, Authorization");
    EXPECT_THAT(got.all("X-Session"), testing::IsEmpty());
    EXPECT_THAT(got.all("Set-Cookie"), testing::IsEmpty());
  }
  EXPECT_EQ(this->get("/get", "Cookie: session=" + token + "\r\n").body, "nothing");
  EXPECT_EQ(this->get("/get", "X-Session: wrong\r\nAuthorization: Bearer " + token + "\r\n").body,
            "hello");
}

TYPED_TEST_P(adapter, tells_in_the_header_that_a_session_is_over) {
  this->use({.transport = header_transport{.name = "X-Session"}});
  this->route_put_and_get();
  this->route("/logout", [](session& session, reply&) { session.destroy(); });
  this->start();
  const std::string line = "X-Session: " + this->get("/put").one("X-Session") + "\r\n";
  const http_response logout = this->get("/logout", line);
  EXPECT_THAT(logout.all("X-Session"), testing::ElementsAre(""));
  EXPECT_EQ(this->get("/get", line).body, "nothing");
}

// --- the cookie

TYPED_TEST_P(adapter, sets_a_cookie_and_knows_it_again) {
  this->route_put_and_get();
  this->start();
  const http_response put = this->get("/put");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, "put");
  EXPECT_THAT(put.one("Set-Cookie"), testing::HasSubstr("; HttpOnly"));
  EXPECT_EQ(put.one("Cache-Control"), "no-store");

  const http_response got = this->get("/get", this->cookie_line(put));
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.one("Vary"), "Cookie");
  EXPECT_THAT(got.all("Set-Cookie"), testing::IsEmpty()) << "reading sets no cookie";
  EXPECT_EQ(got.one("Cache-Control"), "private");
}

TYPED_TEST_P(adapter, leaves_requests_alone_that_do_not_touch_their_session) {
  this->route_put_and_get();
  this->route("/static", [](session&, reply& reply) { reply.body = "static"; });
  this->start();
  const http_response put = this->get("/put");
  const int calls = this->store_->calls;
  const http_response response = this->get("/static", this->cookie_line(put));
  EXPECT_EQ(response.body, "static");
  EXPECT_EQ(this->store_->calls, calls);
  EXPECT_THAT(response.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(response.one("Vary"), "Cookie") << "another request may use it";
  EXPECT_THAT(response.all("Cache-Control"), testing::IsEmpty());
}

TYPED_TEST_P(adapter, reads_all_cookie_lines) {
  this->route_put_and_get();
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  EXPECT_EQ(this->get("/get", "Cookie: a=b\r\n" + line + "Cookie: c=d\r\n").body, "hello");
  const bool hides = this->server_->hides_repeated_lines();
  EXPECT_EQ(this->get("/get", line + "Cookie: session=wrong\r\n").body,
            hides ? "nothing" : "hello");
  EXPECT_EQ(this->get("/get", "Cookie: session=wrong\r\n" + line).body, "hello");
}

TYPED_TEST_P(adapter, takes_the_first_of_several_live_cookies) {
  this->route_put_and_get();
  this->route("/put_other",
              [](session& session, reply&) { session.put("message", "of the other"); });
  this->start();
  const std::string one = this->cookie_pair(this->get("/put"));
  const std::string other = this->cookie_pair(this->get("/put_other"));
  const auto in_lines = [](const std::vector<std::string>& pairs) {
    std::string lines;
    for (const std::string& pair : pairs)
      lines += "Cookie: " + pair + "\r\nX-Between: " + pair + "\r\n";
    return lines;
  };
  std::string if_one_is_first = "hello", if_other_is_first = "of the other";
  if (this->server_->hides_repeated_lines()) std::swap(if_one_is_first, if_other_is_first);
  EXPECT_EQ(this->get("/get", "Cookie: " + one + "; " + other + "\r\n").body, if_one_is_first);
  EXPECT_EQ(this->get("/get", "Cookie: " + other + "; " + one + "\r\n").body, if_other_is_first);
  EXPECT_EQ(this->get("/get", in_lines({one, other})).body, if_one_is_first);
  EXPECT_EQ(this->get("/get", in_lines({other, one})).body, if_other_is_first);
  EXPECT_EQ(this->get("/get", in_lines({"a=b", one, "c=d", other, "e=f"})).body, if_one_is_first);
  EXPECT_EQ(this->get("/get", in_lines({"a=b", other, "c=d", one, "e=f"})).body, if_other_is_first);
}

TYPED_TEST_P(adapter, reads_cookie_lines_in_any_letter_case) {
  this->route_put_and_get();
  this->start();
  const http_response put = this->get("/put");
  for (const char* name : {"cookie", "COOKIE", "cOOkie"}) {
    EXPECT_EQ(this->get("/get", this->cookie_line(put, name)).body, "hello") << name;
  }
}

TYPED_TEST_P(adapter, keeps_set_cookie_lines_apart) {
  this->route("/put", [](session& session, reply& reply) {
    reply.headers = {{"Set-Cookie", "first=1"}, {"Set-Cookie", "second=2; Path=/"}};
    session.put("key", 1);
  });
  this->start();
  const std::vector<std::string> lines = this->get("/put").all("Set-Cookie");
  const std::vector<std::string> handlers = this->as_sent({"first=1", "second=2; Path=/"});
  if (this->server_->joins_lines()) {
    EXPECT_THAT(lines, testing::UnorderedElementsAre(handlers[0], handlers[1],
                                                     testing::StartsWith("session=")));
    return;
  }
  EXPECT_THAT(lines,
              testing::ElementsAre(handlers[0], handlers[1], testing::StartsWith("session=")));
}

// Of two lines for one cookie a browser keeps the one that comes last.
TYPED_TEST_P(adapter, drops_a_handlers_line_for_the_sessions_cookie) {
  this->route("/put", [](session& session, reply& reply) {
    reply.headers = {{"Set-Cookie", "a=1"},
                     {"Set-Cookie", "session =theirs; Path=/"},
                     {"Set-Cookie", "Session=2"}};
    session.put("key", 1);
  });
  this->route("/untouched", [](session&, reply& reply) {
    reply.headers = {{"Set-Cookie", "session=theirs"}};
  });
  this->start();
  const std::vector<std::string> lines = this->get("/put").all("Set-Cookie");
  ASSERT_THAT(lines, testing::SizeIs(3));
  EXPECT_THAT(lines, testing::IsSupersetOf({"a=1", "Session=2"}));
  const testing::Matcher<std::string> own = testing::MatchesRegex("session=[A-Za-z0-9_-]{43}; .*");
  EXPECT_THAT(lines, testing::Contains(own));
  if (!this->server_->joins_lines()) {
    EXPECT_THAT(lines.back(), own);
  }
  EXPECT_THAT(this->failures(1), testing::ElementsAre(failure_kind::session_cookie_set_by_handler));
  EXPECT_EQ(this->last_failure().path, "/put");
  EXPECT_THAT(this->get("/untouched").all("Set-Cookie"), testing::ElementsAre("session=theirs"))
      << "the session sets no cookie";
}

TYPED_TEST_P(adapter, serves_many_requests_on_one_connection) {
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  const http_response put = connection.get("/put");
  const std::string line = this->cookie_line(put);
  EXPECT_EQ(connection.get("/get").body, "nothing") << "a session belongs to its cookie";
  EXPECT_EQ(connection.get("/get", line).body, "hello");
  EXPECT_EQ(connection.get("/get").body, "nothing");
}

// --- the other headers

TYPED_TEST_P(adapter, adds_to_the_handlers_vary) {
  this->route("/one", [](session& session, reply& reply) {
    reply.headers = {{"Vary", "Accept-Encoding"}};
    session.exists("key");
  });
  this->route("/there", [](session& session, reply& reply) {
    reply.headers = {{"vary", "accept, COOKIE"}};
    session.exists("key");
  });
  this->route("/all", [](session& session, reply& reply) {
    reply.headers = {{"Vary", "*"}};
    session.exists("key");
  });
  this->start();
  EXPECT_EQ(this->get("/one").one("Vary"), "Accept-Encoding, Cookie");
  EXPECT_EQ(this->get("/there").one("Vary"), "accept, COOKIE");
  EXPECT_EQ(this->get("/all").one("Vary"), "*");
}

TYPED_TEST_P(adapter, lets_no_store_win_over_the_handlers_cache_control) {
  const std::vector<std::pair<std::string, std::string>> cached = {{"Cache-Control", "public"},
                                                                   {"cache-control", "max-age=60"}};
  this->route("/put", [cached](session& session, reply& reply) {
    reply.headers = cached;
    session.put("key", 1);
  });
  this->route("/get", [cached](session& session, reply& reply) {
    reply.headers = cached;
    session.exists("key");
  });
  this->start();
  EXPECT_EQ(this->get("/put").one("Cache-Control"), "no-store");
  std::vector<std::string> sent = this->as_sent({"public", "max-age=60"});
  if (this->server_->joins_lines()) sent = {"public, max-age=60"};
  EXPECT_THAT(this->get("/get").all("Cache-Control"), testing::ElementsAreArray(sent))
      << "nothing to hide without a Set-Cookie";
}

TYPED_TEST_P(adapter, varies_by_the_cookie_when_only_the_stream_reads_the_session) {
  this->route_put_and_get();
  this->route("/stream", [](session& session, reply& reply) {
    reply.next_chunk = [&session, over = false]() mutable -> std::optional<std::string> {
      if (std::exchange(over, true)) return std::nullopt;
      return session.get<std::string>("message").value_or("nothing");
    };
  });
  this->route("/public", [](session&, reply& reply) {
    reply.headers = {{"Cache-Control", "max-age=60"}};
    reply.next_chunk = [over = false]() mutable -> std::optional<std::string> {
      return std::exchange(over, true) ? std::nullopt : std::optional(std::string("for everybody"));
    };
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  // With Beast, a stream can only read what was loaded before. For caches that makes no difference.
  const http_response streamed = this->get("/stream", line);
  EXPECT_EQ(streamed.one("Vary"), "Cookie");
  EXPECT_EQ(streamed.one("Cache-Control"), "private");
  const http_response open = this->get("/public", line);
  EXPECT_EQ(open.one("Vary"), "Cookie");
  EXPECT_EQ(open.one("Cache-Control"), "max-age=60") << "as the handler says";
}

TYPED_TEST_P(adapter, keeps_error_pages_from_caches) {
  this->route_put_and_get();
  this->route(
      "/login",
      [](session& session, reply&) {
        session.exists("key");
        throw std::runtime_error("the handler's secret");
      },
      [](const std::exception_ptr&, reply& reply) {
        reply = {.status = 302, .headers = {{"Location", "/"}}, .body = "go there"};
      });
  this->route(
      "/cached", [](session&, reply&) { throw std::runtime_error("the handler's secret"); },
      [](const std::exception_ptr&, reply& reply) {
        reply = {.status = 410, .headers = {{"Cache-Control", "max-age=5"}}, .body = "gone"};
      });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  const http_response cached = this->get("/cached", line);
  EXPECT_EQ(cached.one("Vary"), "Cookie");
  EXPECT_EQ(cached.one("Cache-Control"), "max-age=5") << "as the error function says";
  this->store_->finds_fail = true;
  for (const char* target : {"/login", "/get"}) {
    const http_response failed = this->get(target, line);
    EXPECT_EQ(failed.one("Vary"), "Cookie") << target;
    EXPECT_EQ(failed.one("Cache-Control"), "no-store") << target;
  }
}

TYPED_TEST_P(adapter, lets_no_cache_keep_a_new_cookie) {
  const std::vector<std::string> others = {"CDN-Cache-Control", "Surrogate-Control", "Expires",
                                           "X-Accel-Expires"};
  const auto reply_with_all = [&](reply& reply) {
    for (const std::string& name : others)
      reply.headers.emplace_back(name, name == "Expires" ? "Fri, 01 Jan 2100 00:00:00 GMT" : "60");
  };
  this->route("/put", [=](session& session, reply& reply) {
    reply_with_all(reply);
    session.put("key", 1);
  });
  this->route("/static", [=](session&, reply& reply) { reply_with_all(reply); });
  this->start();
  const http_response put = this->get("/put");
  const http_response open = this->get("/static");
  EXPECT_EQ(put.one("Cache-Control"), "no-store");
  for (const std::string& name : others) {
    EXPECT_THAT(put.all(name), testing::IsEmpty()) << name;
    EXPECT_THAT(open.all(name), testing::SizeIs(1)) << name;
  }
}

}  // namespace scs::http::tests
