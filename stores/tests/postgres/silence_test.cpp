// Connections that have died unnoticed, statements that take too long, and commits that no standby
// has confirmed.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <scs/scs.hpp>
#include <scs/store/request_time.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres_server.hpp"
#include "tcp_proxy.hpp"
#include "text_of_error.hpp"
#include "transaction_pooler.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::errc;
using scs::stores::postgres;
using scs::stores::postgres_options;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

scs::session_id fresh_id() {
  return scs::token::generate().id();
}

scs::time_point an_hour_from_now() {
  return scs::clock::system().now() + 1h;
}

struct postgres_silence : testing::Test {
  postgres_silence() { options.table = "silence_" + std::to_string(++count); }

  /// Waits until this many have been opened.
  static void open_connections(postgres& store, tcp_proxy& proxy, int wanted) {
    const auto give_up = steady_clock::now() + 20s;
    while (proxy.connections() < wanted && steady_clock::now() < give_up) {
      std::vector<std::thread> threads;
      for (int i = 0; i < 4 * wanted; ++i)
        threads.emplace_back([&] { store.find(fresh_id()); });
      for (std::thread& thread : threads)
        thread.join();
    }
  }
  std::string through(const tcp_proxy& proxy) const {
    return "host=127.0.0.1 dbname=postgres user=app port=" + std::to_string(proxy.port());
  }
  static int connections_of(const std::string& application) {
    return std::stoi(shared_postgres().sql(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + application + "'"));
  }

  static inline int count = 0;
  postgres_server& server = shared_postgres();
  postgres_options options{
      .connection = server.conninfo(), .max_connections = 4, .timeout = 1000ms, .clean_every = 0ms};
};

TEST_F(postgres_silence, costs_one_slow_request) {
  tcp_proxy proxy{server.port()};
  options.connection = through(proxy);
  postgres store{options};
  const auto id = fresh_id();
  store.commit(id, "payload", an_hour_from_now(), std::nullopt, "");
  open_connections(store, proxy, 4);
  proxy.silence_present_ones();
  for (int i = 0; i < 20; ++i) {
    const auto begun = steady_clock::now();
    ASSERT_TRUE(store.find(id)) << "a read gets a fresh connection";
    EXPECT_LT(steady_clock::now() - begun, i == 0 ? 1000ms : 400ms) << "read " << i;
  }
  open_connections(store, proxy, proxy.connections() + 2);
  proxy.silence_present_ones();
  EXPECT_THAT(
      text_of_error(errc::store_failed,
                    [&] { store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, ""); }),
      HasSubstr("may have taken place or not"));
  EXPECT_EQ(store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, "").result,
            outcome::committed);
}

// As in a request that has already spent most of its time.
TEST_F(postgres_silence, of_a_call_that_had_little_time_closes_no_other_connections) {
  tcp_proxy proxy{server.port()};
  options.connection = through(proxy);
  postgres store{options};
  const auto commit = [&] { store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, ""); };
  commit();
  open_connections(store, proxy, 4);
  proxy.silence_present_ones();
  const int before = proxy.connections();
  {
    std::chrono::nanoseconds spent{1h};
    const scs::request_time_scope request{spent};
    text_of_error(errc::store_failed, commit);
  }
  text_of_error(errc::store_failed, commit);
  EXPECT_EQ(proxy.connections(), before) << "it had one of the others";
  commit();  // on a new one: the failed call had enough time
  EXPECT_EQ(proxy.connections(), before + 1);
}

TEST_F(postgres_silence, follows_the_refusal_of_a_clock_as_it_follows_a_failed_connection) {
  server.sql("CREATE SCHEMA skewed");
  server.sql("GRANT ALL ON SCHEMA skewed TO PUBLIC");
  server.sql(
      "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
      "'SELECT pg_catalog.clock_timestamp() + interval ''1 hour'''");
  options.connection += " options='-c search_path=skewed,pg_catalog,public'";
  postgres store{options};
  const auto find = [&] { store.find(fresh_id()); };
  EXPECT_THAT(text_of_error(errc::store_failed, find), HasSubstr("synchronize the clocks"));
  EXPECT_THAT(text_of_error(errc::store_failed, find),
              AllOf(HasSubstr("synchronize the clocks"), HasSubstr("the next try is due in")));
  server.sql("DROP FUNCTION skewed.clock_timestamp()");
  const auto give_up = steady_clock::now() + 20s;
  bool works = false;
  while (!works && steady_clock::now() < give_up) {
    try {
      find();
      works = true;
    } catch (const scs::error&) {  // until the next attempt
    }
  }
  EXPECT_TRUE(works);
}

TEST_F(postgres_silence, takes_no_more_for_a_request_than_for_a_call) {
  tcp_proxy proxy{server.port()};
  options.connection = through(proxy);
  scs::session_manager sessions{std::make_unique<postgres>(options)};
  scs::session first = sessions.load("");
  first.put("cart", 1);
  sessions.commit(first);
  proxy.silence_all();
  const auto begun = steady_clock::now();
  scs::session session = sessions.load("");
  session.put("cart", 1);
  text_of_error(errc::store_failed, [&] { sessions.commit(session); });
  sessions.abandon(session);
  EXPECT_GE(steady_clock::now() - begun, 900ms);
  EXPECT_LT(steady_clock::now() - begun, 1500ms);
}

/// A client that holds a lock on the table.
class table_lock {
 public:
  explicit table_lock(const std::string& table)
      : connection_(PQconnectdb(shared_postgres().conninfo().c_str()), &PQfinish) {
    PQclear(PQexec(connection_.get(), ("BEGIN; LOCK TABLE " + table).c_str()));
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

TEST_F(postgres_silence, leaves_no_connections_behind_while_the_table_is_locked) {
  options.timeout = 200ms;
  const transaction_pooler pooler{server, 4, transaction_pooler::prepared_statements::pass};
  for (const bool pooled : {false, true}) {
    if (pooled) {
      options.connection = pooler.conninfo();
      options.statements = scs::stores::statement_mode::unprepared;
    } else {
      options.connection = server.conninfo() + " application_name=locked_out";
    }
    postgres store{options};
    store.migrate();
    int most = 0;
    {
      const table_lock lock{options.table};
      std::vector<std::thread> visitors;
      for (int i = 0; i < 4; ++i) {
        visitors.emplace_back([&] {
          for (int n = 0; n < 5; ++n) {
            text_of_error(errc::store_failed, [&] {
              store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, "");
            });
          }
        });
      }
      for (int n = 0; n < 30 && !pooled; ++n) {
        most = std::max(most, connections_of("locked_out"));
        std::this_thread::sleep_for(20ms);
      }
      for (std::thread& visitor : visitors)
        visitor.join();
    }
    EXPECT_LE(most, 8) << "twice what the store may open";
    const auto give_up = steady_clock::now() + 2s;
    outcome result = outcome::gone;
    while (result != outcome::committed && steady_clock::now() < give_up) {
      try {
        result = store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, "").result;
      } catch (const scs::error&) {  // a canceled statement may still use a connection
      }
    }
    EXPECT_EQ(result, outcome::committed) << (pooled ? "pooled" : "direct");
    EXPECT_EQ(server.sql("SHOW statement_timeout"), "0") << "others have their own limits";
  }
}

TEST_F(postgres_silence, of_a_pooler_leaves_unknown_what_became_of_a_commit) {
  const transaction_pooler pooler{server, 2, transaction_pooler::prepared_statements::pass};
  options.connection = pooler.conninfo();
  options.statements = scs::stores::statement_mode::unprepared;
  options.timeout = 5000ms;
  postgres store{options};
  store.migrate();
  auto lock = std::make_unique<table_lock>(options.table);
  std::thread administrator{[&] {
    const std::string waiting =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while (server.sql(waiting).empty())
      std::this_thread::yield();
    lock.reset();
  }};
  EXPECT_THAT(
      text_of_error(errc::store_failed,
                    [&] { store.commit(fresh_id(), "x", an_hour_from_now(), std::nullopt, ""); }),
      HasSubstr("may have taken place or not"));
  administrator.join();
}

/// While an object of this class lives, commits wait for a standby that does not exist.
class missing_standby {
 public:
  missing_standby() { set("SET synchronous_standby_names = 'nobody'", "nobody"); }
  ~missing_standby() { set("RESET synchronous_standby_names", ""); }

 private:
  static void set(const std::string& change, const std::string& value) {
    shared_postgres().sql("ALTER SYSTEM " + change);
    shared_postgres().sql("SELECT pg_reload_conf()");
    const auto give_up = steady_clock::now() + 20s;
    while (shared_postgres().sql("SHOW synchronous_standby_names") != value &&
           steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
  }
};

TEST_F(postgres_silence, of_a_standby_makes_each_logout_fail) {
  options.timeout = 300ms;
  postgres store{options};
  const auto id = fresh_id();
  store.commit(id, "payload", an_hour_from_now(), std::nullopt, "");
  {
    const missing_standby none;
    for (int i = 0; i < 3; ++i)
      text_of_error(errc::store_failed, [&] { store.erase(id); });
    // Canceling the waits makes the change visible, although nobody has confirmed it.
    options.timeout = 5000ms;
    postgres patient{options};
    std::thread administrator{[&] {
      const std::string waiting =
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
      for (int n = 0; n < 50; ++n) {
        server.sql(waiting);
        std::this_thread::sleep_for(10ms);
      }
    }};
    EXPECT_THAT(text_of_error(errc::store_failed, [&] { patient.erase(id); }),
                HasSubstr("synchronous standby"));
    EXPECT_FALSE(patient.find(id));
    EXPECT_THAT(text_of_error(errc::store_failed, [&] { patient.erase(id); }),
                HasSubstr("synchronous standby"));
    administrator.join();
  }
  EXPECT_FALSE(store.erase(id));
}

}  // namespace

}  // namespace test
