// Clients that send garbage, send slowly, receive nothing, or are many must not affect other
// clients.

#include <chrono>
#include <cstdlib>
#include <list>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control_fixture.hpp"

namespace buntdb::control::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class hostile_clients : public control_fixture {};

TEST_F(hostile_clients, that_send_no_request_are_told_so_and_closed) {
  listen();
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("*1\r\n$99999999999\r\n"),
        std::string("*999999999\r\n"), std::string("\0\0\0\0", 4), std::string("*1\r\n$-5\r\n"),
        std::string(100'000, 'x')}) {
    test_client hostile = client();
    hostile.send(bytes);
    EXPECT_THAT(hostile.receive_text(), StartsWith("-ERR protocol error: "));
    EXPECT_EQ(hostile.receive_text(), "closed");
  }
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
}

TEST_F(hostile_clients, that_go_in_the_middle_of_a_request_change_nothing) {
  listen();
  const std::string request = request_of({"set", "key", "value"});
  for (std::size_t size = 0; size < request.size(); ++size)
    client().send(std::string_view(request).substr(0, size));
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
  EXPECT_EQ(db_.get("key"), std::nullopt);
}

TEST_F(hostile_clients, that_say_nothing_or_never_end_are_closed_after_the_idle_timeout) {
  listen({.idle_timeout = 50ms});
  test_client silent = client();
  test_client slow = client();
  slow.send("*2\r\n$3\r\nget\r\n$1");
  EXPECT_EQ(silent.receive_text(), "closed");
  EXPECT_EQ(slow.receive_text(), "closed");
}

TEST_F(hostile_clients, that_drip_have_no_longer_than_the_others) {
  listen({.idle_timeout = 200ms});
  test_client drips = client();
  const std::string request = request_of({"set", "k", std::string(100'000, 'x')});
  // Each byte arrives in time, but not the whole request.
  std::size_t sent = 0;
  while (sent < request.size() && drips.send(std::string_view(request).substr(sent, 1))) {
    ++sent;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_LT(sent, request.size());
  EXPECT_EQ(db_.get("k"), std::nullopt);
}

TEST_F(hostile_clients, that_take_nothing_of_their_answer_are_closed) {
  listen({.send_timeout = 50ms});
  db_.set("large", std::string(20'000'000, 'x'));
  test_client greedy = client();
  greedy.send(request_of({"get", "large"}));
  ASSERT_TRUE(greedy.is_answered());
  // Until it reads, it keeps the old version; this must end.
  EXPECT_TRUE(wait_until([&] {
    db_.set("large", "small");
    return db_.stats().memory_bytes < 10'000'000;
  }));
  EXPECT_EQ(greedy.receive_text(), "closed");
}

TEST_F(hostile_clients, that_watch_and_take_nothing_are_closed_and_keep_no_memory) {
  listen({.send_timeout = 50ms});
  test_client watching = client();
  ASSERT_EQ(watching.ask({"monitor"}), "+OK");
  const std::string value(1'000'000, 'x');
  for (int i = 0; i < 40; ++i)
    db_.set("key", value);
  EXPECT_TRUE(watching.is_closed_by_server());
  EXPECT_TRUE(wait_until([&] {
    db_.set("key", "small");
    return db_.stats().memory_bytes < 1'000'000;
  }));
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
}

TEST_F(hostile_clients, that_are_many_and_silent_make_room) {
  listen({.max_clients = 4});
  std::list<test_client> silent;
  for (int i = 0; i < 60; ++i)
    silent.emplace_back(socket_->path());
  test_client late = client();
  EXPECT_EQ(late.ask({"set", "a", "1"}), "+OK");
  EXPECT_EQ(late.ask({"get", "a"}), "1");
}

TEST_F(hostile_clients, that_have_all_places_with_commands_keep_others_out_and_are_not_ended) {
  listen({.max_clients = 2});
  test_client first = client();
  test_client second = client();
  ASSERT_EQ(first.ask({"monitor"}), "+OK");
  ASSERT_EQ(second.ask({"monitor"}), "+OK");
  test_client third = client();
  EXPECT_THAT(third.receive_text(), StartsWith("-BUSY "));
  EXPECT_EQ(third.receive_text(), "closed");
  db_.set("a", "1");
  EXPECT_THAT(first.receive_text(), HasSubstr(", a, 1, "));
  EXPECT_THAT(second.receive_text(), HasSubstr(", a, 1, "));
}

/// Sends a request of this many bytes except for its last two bytes, and waits until the server has
/// counted the rest.
void send_all_but_the_end(const test_client& to, std::size_t size) {
  to.send("*3\r\n$3\r\nset\r\n$1\r\nk\r\n$" + std::to_string(size) + "\r\n" +
          std::string(size - 2, 'x'));
  ASSERT_TRUE(to.is_read_by_server());
  // It counts what it has read before it reads again.
  to.send("x");
  ASSERT_TRUE(to.is_read_by_server());
}

TEST_F(hostile_clients, share_one_limit_for_what_they_send) {
  listen({.max_request_bytes = 1'000'000});
  test_client first = client();
  send_all_but_the_end(first, 900'000);
  EXPECT_THAT(client().ask({"set", "other", std::string(200'000, 'y')}),
              StartsWith("-ERR protocol"));
  first.send("x\r\n");
  EXPECT_EQ(first.receive_text(), "+OK");
  EXPECT_EQ(client().ask({"set", "other", std::string(800'000, 'y')}), "+OK");
}

TEST_F(hostile_clients, may_send_many_requests_at_once) {
  listen();
  std::string requests;
  for (int i = 0; i < 2000; ++i)
    requests += request_of({"set", "key:" + std::to_string(i), "v"});
  test_client eager = client();
  eager.send(requests);
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(eager.receive_text(), "+OK") << i;
  EXPECT_EQ(db_.begin_read().size(), 2000U);
}

}  // namespace
}  // namespace buntdb::control::test
