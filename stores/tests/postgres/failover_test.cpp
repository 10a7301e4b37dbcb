// Several hosts: the primary stops answering, and the standby takes over.

#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres_server.hpp"
#include "tcp_proxy.hpp"
#include "text_of_error.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::errc;
using scs::stores::postgres;
using scs::stores::postgres_options;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

std::string conninfo_of(int first_port, int second_port) {
  return "host=127.0.0.1,127.0.0.1 port=" + std::to_string(first_port) + "," +
         std::to_string(second_port) + " dbname=postgres user=app target_session_attrs=read-write";
}

/// Restores a primary that other tests use, too: it runs, and waits for no standby.
class restored_at_end {
 public:
  explicit restored_at_end(postgres_server& primary) : primary_(primary) {}
  ~restored_at_end() {
    primary_.thaw();
    primary_.sql("ALTER SYSTEM RESET synchronous_standby_names");
    primary_.sql("SELECT pg_reload_conf()");
  }
  restored_at_end(const restored_at_end&) = delete;
  restored_at_end& operator=(const restored_at_end&) = delete;

 private:
  postgres_server& primary_;
};

TEST(postgres_failover, leaves_a_primary_that_says_nothing) {
  postgres_server& primary = shared_postgres();
  postgres_server standby{primary, postgres_server::role::standby};
  postgres store{{.connection = conninfo_of(primary.port(), standby.port()),
                  .table = "failover",
                  .timeout = 1s,
                  .clean_every = 0ms}};
  const auto id = scs::token::generate().id();
  const auto in_an_hour = scs::clock::system().now() + 1h;
  primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
  primary.sql("SELECT pg_reload_conf()");
  const restored_at_end restored{primary};
  std::string revision = store.commit(id, "before", in_an_hour, std::nullopt, "").revision;
  primary.freeze();
  standby.promote();
  // A request or two detect it. Then no request uses the frozen server.
  const auto begun = steady_clock::now();
  std::string payload;
  while (payload.empty() && steady_clock::now() - begun < 10s) {
    try {
      const auto found = store.find(id);
      payload = found ? found->payload : "absent";
    } catch (const scs::error&) {
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(payload, "before");
  EXPECT_LT(steady_clock::now() - begun, 3s);
  for (int i = 0; i < 10; ++i) {
    const auto asked = steady_clock::now();
    const auto done = store.commit(id, "after", in_an_hour, revision, "");
    ASSERT_EQ(done.result, outcome::committed);
    revision = done.revision;
    EXPECT_LT(steady_clock::now() - asked, 500ms);
  }
  primary.thaw();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(store.find(id)->payload, "after") << "it has gone back to the old primary";
}

TEST(postgres_failover, tries_each_host_in_a_share_of_the_time) {
  tcp_proxy silent{shared_postgres().port()};
  silent.silence_all();
  postgres_options options{.connection = conninfo_of(silent.port(), shared_postgres().port()),
                           .table = "shares",
                           .timeout = 1s,
                           .clean_every = 0ms};
  postgres store{options};
  const auto begun = steady_clock::now();
  EXPECT_FALSE(store.find(scs::token::generate().id()));
  EXPECT_LT(steady_clock::now() - begun, 1s);
  options.connection = conninfo_of(silent.port(), 1);
  postgres lost{options};
  EXPECT_THAT(
      text_of_error(errc::store_failed, [&] { lost.find(scs::token::generate().id()); }),
      AllOf(HasSubstr("127.0.0.1:" + std::to_string(silent.port()) + ": the database gave no"),
            HasSubstr("127.0.0.1:1: cannot connect")));
}

TEST(postgres_failover, honors_connect_timeout) {
  tcp_proxy silent{shared_postgres().port()};
  silent.silence_all();
  postgres store{{.connection = "host=127.0.0.1 dbname=postgres user=app connect_timeout=1 port=" +
                                std::to_string(silent.port()),
                  .timeout = 20s,
                  .clean_every = 0ms}};
  const auto begun = steady_clock::now();
  text_of_error(errc::store_failed, [&] { store.find(scs::token::generate().id()); });
  EXPECT_LT(steady_clock::now() - begun, 4s);
}

}  // namespace

}  // namespace test
