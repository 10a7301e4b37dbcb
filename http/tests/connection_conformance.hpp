#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance.hpp"
#include "smuggling.hpp"

// Requirements for clients that use their connection in unusual ways, and for their sessions. Use
// it like conformance.hpp, with INSTANTIATE_TYPED_TEST_SUITE_P(name, adapter_connection,
// your_server).

namespace scs::http::tests {

/// Whether a request has two lines of one name that say where its body ends.
inline bool states_something_twice(const std::string& request) {
  const std::string head = request.substr(0, request.find("\r\n\r\n"));
  for (const std::string name : {"\nContent-Length:", "\nTransfer-Encoding:"})
    if (head.find(name) != head.rfind(name)) return true;
  return false;
}

template <class Server>
class adapter_connection : public adapter<Server> {};

TYPED_TEST_SUITE_P(adapter_connection);

// A connection is used again only after a request that was read to its end and whose end is
// unambiguous.
TYPED_TEST_P(adapter_connection, takes_nothing_of_a_body_for_a_request) {
  this->route_put_and_get();
  this->start();
  const std::string cookie = this->cookie_line(this->get("/put"));
  const bool leaves_bodies = this->server_->leaves_bodies_unread();
  const bool hides = this->server_->hides_repeated_lines();
  const auto judge = [&](const smuggling_attempt& attempt, const answers_on_connection& answers) {
    constexpr int bad_request = 400;
    if (hides && states_something_twice(attempt.bytes)) return;
    // A request that such a library refuses itself does not reach the adapter.
    const bool refused = answers.status == bad_request &&
                         (leaves_bodies || this->server_->reads_on_after_refusing());
    if (attempt.ambiguous && !refused) {
      EXPECT_TRUE(answers.closed || answers.first_says_close) << attempt.name;
    }
    // If the library answers twice, the first answer tells a proxy to close the connection.
    if (answers.count > 1) {
      EXPECT_TRUE(
          (leaves_bodies || refused) &&
          (answers.first_says_close || (refused && !this->server_->says_close_when_it_refuses())))
          << attempt.name << ": " << answers.count << " answers, first " << answers.status;
    }
  };
  try_to_smuggle(this->port_, smuggling_attempts("/get", cookie), judge);
  EXPECT_EQ(this->get("/get", cookie).body, "hello");
}

TYPED_TEST_P(adapter_connection, keeps_a_connection_whose_requests_have_no_body) {
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  const std::string cookie = this->cookie_line(connection.get("/put"));
  for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
    const http_response response =
        connection.request(method, "/get", cookie + "Content-Length: 0\r\n");
    EXPECT_EQ(response.status, 200) << method;
    EXPECT_NE(response.one("Connection"), "close") << method;
  }
}

TYPED_TEST_P(adapter_connection, answers_a_client_that_has_said_all_it_will) {
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  connection.send("GET /put HTTP/1.1\r\nHost: localhost\r\n\r\n");
  connection.finish_sending();
  const http_response put = connection.receive();
  EXPECT_EQ(this->store_->size(), 1U);
  if (put.status == 0) {
    EXPECT_TRUE(this->server_->drops_half_closed_clients());
    return;
  }
  EXPECT_EQ(put.body, "put");
  EXPECT_EQ(this->get("/get", this->cookie_line(put)).body, "hello");
}

TYPED_TEST_P(adapter_connection, stores_nothing_for_half_a_request) {
  this->route_put_and_get();
  this->start();
  for (const std::string half : {"GET /put HTTP/1.1\r\nHost: localho", "GET /put HTTP/1.1\r\n",
                                 "POST /put HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                 "text/plain\r\nContent-Length: 10\r\n\r\n12345"}) {
    http_connection connection(this->port_);
    connection.send(half);
    connection.finish_sending();
    EXPECT_NE(connection.receive().status, 200) << half;
  }
  EXPECT_EQ(this->store_->size(), 0U);
}

TYPED_TEST_P(adapter_connection, stores_what_a_client_does_not_wait_for) {
  this->route_put_and_get();
  this->start();
  {
    http_connection connection(this->port_);
    connection.send("GET /put HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (this->store_->size() == 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(this->store_->size(), 1U);
}

TYPED_TEST_P(adapter_connection, has_stored_the_session_while_a_client_reads_slowly) {
  constexpr std::size_t chunks = 64;
  constexpr std::size_t chunk_size = std::size_t{64} << 10;
  this->route("/stream", [](session& session, reply& reply) {
    session.put("message", "hello");
    reply.next_chunk = [left = chunks]() mutable -> std::optional<std::string> {
      if (left == 0) return std::nullopt;
      --left;
      return std::string(chunk_size, 'x');
    };
  });
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  connection.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(this->store_->size(), 1U);
  const http_response response = connection.receive();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), chunks * chunk_size);
  EXPECT_EQ(this->get("/get", this->cookie_line(response)).body, "hello");
}

TYPED_TEST_P(adapter_connection, serves_clients_of_http_1_0) {
  this->route_put_and_get();
  this->start();
  http_connection first(this->port_);
  first.send("GET /put HTTP/1.0\r\n\r\n");
  const http_response put = first.receive();
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, "put");
  EXPECT_TRUE(first.server_closes());
  http_connection second(this->port_);
  second.send("GET /get HTTP/1.0\r\n" + this->cookie_line(put) + "\r\n");
  EXPECT_EQ(second.receive().body, "hello");
  EXPECT_TRUE(second.server_closes());
}

TYPED_TEST_P(adapter_connection, commits_pipelined_requests_one_after_the_other) {
  this->route("/count", [](session& session, reply& reply) {
    session.put("n", session.get_or("n", 0) + 1);
    reply.body = std::to_string(session.get_or("n", 0));
  });
  this->start();
  const std::string cookie = this->cookie_line(this->get("/count"));
  const std::string one = "GET /count HTTP/1.1\r\nHost: localhost\r\n" + cookie + "\r\n";
  http_connection connection(this->port_);
  connection.send(one + one + one);
  if (this->server_->handles_pipelined_requests_at_once()) {
    // Then each of them reads what was stored before, and each is answered.
    for (int i = 0; i < 3; ++i)
      EXPECT_THAT(connection.receive().body, testing::MatchesRegex("[234]"));
    return;
  }
  EXPECT_EQ(connection.receive().body, "2");
  if (this->server_->forgets_pipelined_requests()) {
    // They were not answered, and nothing of them was stored.
    EXPECT_EQ(this->get("/count", cookie).body, "3");
    return;
  }
  EXPECT_EQ(connection.receive().body, "3");
  EXPECT_EQ(connection.receive().body, "4");
}

TYPED_TEST_P(adapter_connection, adds_its_headers_to_parts_and_sends_no_page_thousands_of_times) {
  this->route("/page", [](session& session, reply& reply) {
    session.put("message", "hello");
    reply.body = std::string(10'000, 'x');
  });
  this->route("/broken", [](session&, reply&) { throw 1; });
  this->start();
  const http_response part = this->get("/page", "Range: bytes=0-99\r\n");
  EXPECT_EQ(part.body.size(), part.status == 206 ? 100U : 10'000U);
  EXPECT_THAT(part.one("Set-Cookie"), testing::StartsWith("session="));
  EXPECT_EQ(part.one("Vary"), "Cookie");
  std::string list = "Range: bytes=0-";
  for (int i = 0; i < 60; ++i)
    list += ",0-";
  const http_response whole = this->get("/page", list + "\r\n");
  if (whole.status == 200) {
    EXPECT_EQ(whole.body.size(), 10'000U);
    EXPECT_THAT(whole.one("Set-Cookie"), testing::StartsWith("session="));
  } else {
    EXPECT_EQ(whole.status, 416) << "such a list may be refused";
  }
  const http_response broken = this->get("/broken", "Range: bytes=0-1\r\n");
  EXPECT_EQ(broken.status, 500);
  EXPECT_GT(broken.body.size(), 2U) << "an error page is never cut";
}

TYPED_TEST_P(adapter_connection, answers_head_for_a_stream_without_a_body) {
  this->route("/stream", [](session& session, reply& reply) {
    session.put("message", "hello");
    reply.next_chunk = [over = false]() mutable -> std::optional<std::string> {
      return std::exchange(over, true) ? std::nullopt : std::optional(std::string("chunk"));
    };
  });
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  const http_response head = connection.request("HEAD", "/stream");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(connection.get("/get", this->cookie_line(head)).body, "hello");
}

TYPED_TEST_P(adapter_connection, answers_head_for_a_part_without_a_body) {
  this->route_put_and_get();
  this->start();
  http_connection connection(this->port_);
  const http_response head = connection.request("HEAD", "/put", "Range: bytes=0-1\r\n");
  EXPECT_TRUE(head.status == 200 || head.status == 206) << head.status;
  EXPECT_THAT(head.one("Set-Cookie"), testing::StartsWith("session="));
  EXPECT_EQ(connection.get("/get", this->cookie_line(head)).body, "hello");
}

REGISTER_TYPED_TEST_SUITE_P(
    adapter_connection, takes_nothing_of_a_body_for_a_request,
    keeps_a_connection_whose_requests_have_no_body, answers_a_client_that_has_said_all_it_will,
    stores_nothing_for_half_a_request, stores_what_a_client_does_not_wait_for,
    has_stored_the_session_while_a_client_reads_slowly, serves_clients_of_http_1_0,
    commits_pipelined_requests_one_after_the_other,
    adds_its_headers_to_parts_and_sends_no_page_thousands_of_times,
    answers_head_for_a_stream_without_a_body, answers_head_for_a_part_without_a_body);

}  // namespace scs::http::tests
