// Connections that are dead without a sign, and the time that requests then take.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/session_manager.hpp>
#include <scs/store/request_time.hpp>

#include "impatient_store.hpp"
#include "redis/connection/connection.hpp"
#include "redis/protocol/failure.hpp"
#include "tcp_proxy.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
using std::chrono::steady_clock;
using outcome = scs::commit_result::outcome;

/// A store that has several idle connections.
struct redis_silence : testing::Test {
  redis_options through_the_proxy() const {
    redis_options options = options_for(server);
    options.servers = {"127.0.0.1:" + std::to_string(proxy.port())};
    options.timeout = options.connect_timeout = 1s;
    return options;
  }

  void open_connections(int count) {
    EXPECT_TRUE(eventually([&] {
      std::vector<std::thread> threads;
      for (int i = 0; i < 4 * count; ++i)
        threads.emplace_back([&] { store.find(id); });
      for (std::thread& thread : threads)
        thread.join();
      return proxy.connections() >= count;
    }));
  }

  redis_server server;
  tcp_proxy proxy{server.port()};
  redis store{through_the_proxy()};
  const scs::session_id id = new_id();

  redis_silence() { store.commit(id, "payload", in(1h), std::nullopt, ""); }
};

TEST_F(redis_silence, costs_one_slow_request) {
  open_connections(4);
  proxy.silence_present_ones();
  for (int i = 0; i < 20; ++i) {
    const auto begun = steady_clock::now();
    ASSERT_TRUE(store.find(id)) << "a read gets a fresh connection";
    EXPECT_LT(steady_clock::now() - begun, i == 0 ? 1000ms : 400ms) << "read " << i;
  }
}

TEST_F(redis_silence, leaves_a_commit_unknown_and_the_next_one_well) {
  open_connections(4);
  proxy.silence_present_ones();
  const auto failed =
      failure_of([&] { store.commit(new_id(), "payload", in(1h), std::nullopt, ""); });
  EXPECT_THAT(failed.text, testing::HasSubstr("may have taken place or not"));
  EXPECT_EQ(store.commit(new_id(), "payload", in(1h), std::nullopt, "").result, outcome::committed);
}

// A request that has already used most of its time makes such a call.
TEST_F(redis_silence, of_a_call_that_had_little_time_closes_no_other_connections) {
  open_connections(4);
  const int before = proxy.open_connections();
  server.freeze();
  {
    std::chrono::nanoseconds spent{1h};
    const scs::request_time_scope request{spent};
    failure_of([&] { store.commit(new_id(), "payload", in(1h), std::nullopt, ""); });
  }
  EXPECT_TRUE(eventually([&] { return proxy.open_connections() == before - 1; }));
  failure_of([&] { store.commit(new_id(), "payload", in(1h), std::nullopt, ""); });
  EXPECT_TRUE(eventually([&] { return proxy.open_connections() == 0; })) << "that had enough";
  server.thaw();
}

TEST_F(redis_silence, takes_no_more_for_a_request_than_for_a_call) {
  scs::session_manager sessions{std::make_unique<redis>(through_the_proxy())};
  scs::session first = sessions.load("");
  first.put("cart", 1);
  sessions.commit(first);
  proxy.silence_all();
  // The store removes the index entry of a new session after its commit has failed.
  const auto begun = steady_clock::now();
  scs::session session = sessions.load("");
  session.set_user("tom");
  failure_of([&] { sessions.commit(session); });
  sessions.abandon(session);
  EXPECT_GE(steady_clock::now() - begun, 900ms);
  EXPECT_LT(steady_clock::now() - begun, 1500ms);
}

TEST_F(redis_silence, is_looked_for_where_nothing_was_said_for_a_while) {
  using namespace scs::stores::redis_detail;
  const settings with{.options = options_for(server)};
  connection used{{"127.0.0.1", static_cast<std::uint16_t>(server.port())}, with, deadline::in(5s)};
  const auto now = connection::clock::now();
  EXPECT_FALSE(used.needs_check(now));
  EXPECT_TRUE(used.needs_check(now + 16s));
  used.check(deadline::in(5s));
  server.freeze();
  EXPECT_THROW(used.check(deadline::in(50ms)), connection_failure);
  server.thaw();
}

}  // namespace

}  // namespace test
