// What the store does when the database fails. The server is real, and so are its failures:
// stopped, frozen, killed, locked, full, read-only.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres_server.hpp"

namespace test {

namespace {

using scs::stores::postgres;
using scs::stores::postgres_options;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using outcome = scs::commit_result::outcome;

scs::session_id new_id() {
  return scs::token::generate().id();
}

scs::time_point in_an_hour() {
  return scs::clock::system().now() + hours{1};
}

/// A separate connection that holds locks.
class bystander {
 public:
  explicit bystander(const std::string& conninfo)
      : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {}

  void run(const std::string& statement) {
    PQclear(PQexec(connection_.get(), statement.c_str()));
    EXPECT_EQ(PQstatus(connection_.get()), CONNECTION_OK);
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

class postgres_faults : public testing::Test {
 protected:
  postgres_faults() {
    static int count = 0;
    options_.table = "faults_" + std::to_string(++count);
  }
  ~postgres_faults() override {
    server_.thaw();
    server_.start();  // if it is not running
  }

  static std::string put(scs::store& store, const scs::session_id& id,
                         std::string_view payload = "payload") {
    const auto result = store.commit(id, payload, in_an_hour(), std::nullopt, "");
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  /// Checks that the call throws store_failed within the timeout, without naming the id. Returns
  /// the text.
  std::string failure_of(const std::function<void()>& call, const scs::session_id& id = {}) const {
    const auto begun = steady_clock::now();
    std::string text;
    try {
      call();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::store_failed) << failure.what();
      text = failure.what();
    }
    EXPECT_LT(steady_clock::now() - begun, options_.timeout + seconds{3}) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    if (!id.empty()) {
      EXPECT_EQ(text.find(id.text().substr(2)), std::string::npos) << text;
    }
    return text;
  }

  /// Every function of the store must fail.
  void expect_all_to_fail(scs::store& store, const scs::session_id& id,
                          const std::string& revision) const {
    failure_of([&] { store.find(id); }, id);
    failure_of([&] { store.commit(id, "x", in_an_hour(), revision, ""); }, id);
    failure_of([&] { store.commit(new_id(), "x", in_an_hour(), std::nullopt, ""); }, id);
    failure_of([&] { store.touch(id, in_an_hour()); }, id);
    failure_of([&] { store.erase(id); }, id);
    failure_of([&] { store.for_each([](const auto&, const auto&) { return scs::visit::next; }); });
    failure_of([&] {
      store.for_each_of_user("u", [](const auto&, const auto&) { return scs::visit::next; });
    });
  }

  /// Tries until it succeeds, as visitors do.
  template <class Call>
  static auto soon(Call call) -> decltype(call()) {
    const auto give_up = steady_clock::now() + seconds{20};
    while (true) {
      try {
        return call();
      } catch (const scs::error& failure) {
        if (steady_clock::now() > give_up) throw;
        std::this_thread::sleep_for(milliseconds{5});
      }
    }
  }

  /// For a server that may be recovering.
  std::string sql_soon(const std::string& statement) const {
    const auto give_up = steady_clock::now() + seconds{20};
    while (true) {
      try {
        return server_.sql(statement);
      } catch (const std::exception&) {
        if (steady_clock::now() > give_up) throw;
        std::this_thread::sleep_for(milliseconds{5});
      }
    }
  }

  postgres_server& server_ = shared_postgres();
  postgres_options options_{.connection = server_.conninfo(),
                            .max_connections = 4,
                            .timeout = seconds{5},
                            .clean_every = milliseconds{0}};
};

// --- stopped and started ---

TEST_F(postgres_faults, comes_back_with_a_server_that_was_stopped) {
  postgres store{options_};
  const auto id = new_id();
  const std::string revision = put(store, id);
  server_.stop();
  expect_all_to_fail(store, id, revision);
  const std::string text = failure_of([&] { store.find(id); });
  EXPECT_NE(text.find("cannot connect to the database"), std::string::npos) << text;
  server_.start();
  const auto found = soon([&] { return store.find(id); });
  ASSERT_TRUE(found) << "what was acknowledged is lost";
  EXPECT_EQ(found->payload, "payload");
  EXPECT_EQ(store.commit(id, "next", in_an_hour(), revision, "").result, outcome::committed);
}

TEST_F(postgres_faults, does_not_notice_a_restart_between_two_calls) {
  postgres store{options_};
  const auto id = new_id();
  std::string revision = put(store, id);
  server_.stop();
  server_.start();
  const auto result = store.commit(id, "next", in_an_hour(), revision, "");
  EXPECT_EQ(result.result, outcome::committed) << "the connection that is gone was used";
}

TEST_F(postgres_faults, fails_at_once_while_the_next_try_is_not_due) {
  postgres store{options_};
  put(store, new_id());
  server_.stop();
  failure_of([&] { store.find(new_id()); });
  const auto begun = steady_clock::now();
  int refused = 0;
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text = failure_of([&] { store.find(new_id()); });
    if (text.find("the next try is due in") != std::string::npos) ++refused;
  }
  EXPECT_GT(refused, 80) << text;
  EXPECT_LT(steady_clock::now() - begun, seconds{3});
  server_.start();
  soon([&] { return store.find(new_id()); });
  EXPECT_LT(steady_clock::now() - begun, seconds{15});
}

TEST_F(postgres_faults, logs_nobody_out_while_the_server_is_away) {
  scs::session_manager sessions{std::make_unique<postgres>(options_),
                                {.idle_timeout = std::chrono::minutes{20}}};
  scs::session login = sessions.load(std::string_view{});
  login.put("user", "tom");
  const std::string set = sessions.commit(login).at(0).value;
  const std::string cookie = set.substr(0, set.find(';'));
  server_.stop();
  scs::session request = sessions.load(cookie);
  failure_of([&] { request.get<std::string>("user"); });
  failure_of([&] { request.put("page", 1); });
  failure_of([&] { sessions.commit(request); });
  for (const scs::header& header : sessions.abandon(request))
    EXPECT_NE(header.name, "Set-Cookie") << header.value;
  server_.start();
  const auto user = soon([&] { return sessions.load(cookie).get<std::string>("user"); });
  EXPECT_EQ(user, "tom");
}

// --- frozen ---

TEST_F(postgres_faults, gives_up_on_a_frozen_server_after_the_timeout) {
  options_.timeout = milliseconds{200};
  postgres store{options_};
  store.migrate();
  const auto id = new_id();
  const std::string revision = put(store, id);
  server_.freeze();
  const auto begun = steady_clock::now();
  const std::string text = failure_of([&] { store.find(id); });
  EXPECT_NE(text.find("no answer in time"), std::string::npos) << text;
  EXPECT_GE(steady_clock::now() - begun, options_.timeout);
  expect_all_to_fail(store, id, revision);
  std::vector<std::thread> visitors;
  for (int i = 0; i < 10; ++i)
    visitors.emplace_back([&] { failure_of([&] { store.find(id); }); });
  for (std::thread& visitor : visitors)
    visitor.join();
  server_.thaw();
  const auto found = soon([&] { return store.find(id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload") << "a commit that failed was carried out all the same? Only "
                                          "one that was sent could be";
}

TEST_F(postgres_faults, gives_up_on_a_server_that_never_says_anything) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(socket, 8), 0);
  ASSERT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  options_.connection =
      "host=127.0.0.1 user=x dbname=x port=" + std::to_string(ntohs(address.sin_port));
  options_.timeout = milliseconds{200};
  postgres store{options_};
  const std::string text = failure_of([&] { store.find(new_id()); });
  EXPECT_NE(text.find("while connecting"), std::string::npos) << text;
  close(socket);
}

// --- killed ---

/// Visitors who count, each in a separate session, and remember what was acknowledged.
class counting_visitors {
 public:
  explicit counting_visitors(postgres& store) : store_(store) {
    for (count& each : counts_)
      store.commit(each.id, "0", in_an_hour(), std::nullopt, "");
    for (count& each : counts_)
      threads_.emplace_back([this, &each] { visit(each); });
  }
  ~counting_visitors() { stop(); }

  void stop() {
    over_ = true;
    threads_.clear();
  }
  int commits() const { return commits_; }
  int failures() const { return failures_; }

  struct count {
    scs::session_id id = new_id();
    int acknowledged = 0;
    int attempted = 0;
  };
  /// Call it after stop().
  const std::array<count, 4>& counts() const { return counts_; }

 private:
  void visit(count& mine) {
    while (!over_) {
      try {
        const auto found = store_.find(mine.id);
        if (!found) {
          ADD_FAILURE() << "a session is gone";
          return;
        }
        const int stored = std::stoi(found->payload);
        EXPECT_GE(stored, mine.acknowledged);
        EXPECT_LE(stored, mine.attempted);
        mine.attempted = stored + 1;
        const auto result = store_.commit(mine.id, std::to_string(mine.attempted), in_an_hour(),
                                          found->revision, "");
        if (result.result == outcome::committed) {
          mine.acknowledged = mine.attempted;
          ++commits_;
        }
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::store_failed) << failure.what();
        ++failures_;
        std::this_thread::yield();
      }
    }
  }

  postgres& store_;
  std::array<count, 4> counts_;
  std::atomic<bool> over_ = false;
  std::atomic<int> failures_ = 0;
  std::atomic<int> commits_ = 0;
  std::vector<std::jthread> threads_;
};

/// The server processes of the visitors' connections are killed. What was acknowledged must be
/// there. What was not acknowledged may be there.
TEST_F(postgres_faults, loses_nothing_that_was_acknowledged_when_the_server_crashes) {
  postgres store{options_};
  store.migrate();
  counting_visitors visitors{store};
  for (int crash = 0; crash < 3; ++crash) {
    const int before = visitors.commits();
    const auto give_up = steady_clock::now() + seconds{20};
    while (visitors.commits() < before + 100 && steady_clock::now() < give_up)
      std::this_thread::yield();
    EXPECT_GE(visitors.commits(), before + 100) << "no recovery after crash " << crash;
    const std::string victim = sql_soon(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'buntstore' AND query "
        "LIKE 'UPDATE%' LIMIT 1");
    if (!victim.empty()) server_.kill_backend(std::stoi(victim));
  }
  visitors.stop();
  EXPECT_GT(visitors.failures(), 0) << "the crashes were not noticed";
  for (const auto& each : visitors.counts()) {
    const auto found = soon([&] { return store.find(each.id); });
    ASSERT_TRUE(found);
    EXPECT_GE(std::stoi(found->payload), each.acknowledged);
    EXPECT_LE(std::stoi(found->payload), each.attempted);
  }
}

TEST_F(postgres_faults, says_what_became_of_a_connection_that_was_ended_in_a_commit) {
  postgres store{options_};
  const auto id = new_id();
  const std::string revision = put(store, id);
  bystander other{server_.conninfo()};
  other.run("BEGIN");
  other.run("SELECT * FROM " + options_.table + " FOR UPDATE");
  std::thread administrator{[&] {
    const std::string waiting =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
        "application_name = 'buntstore'";
    while (server_.sql(waiting).empty())
      std::this_thread::yield();
  }};
  const std::string text =
      failure_of([&] { store.commit(id, "next", in_an_hour(), revision, ""); }, id);
  administrator.join();
  EXPECT_NE(text.find("administrator command"), std::string::npos) << text;
  other.run("COMMIT");
  EXPECT_EQ(store.commit(id, "next", in_an_hour(), revision, "").result, outcome::committed);
}

TEST_F(postgres_faults, repeats_a_find_whose_connection_was_ended) {
  postgres store{options_};
  const auto id = new_id();
  put(store, id);
  bystander other{server_.conninfo()};
  other.run("BEGIN");
  other.run("LOCK TABLE " + options_.table);
  std::thread administrator{[&] {
    const std::string waiting =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
        "application_name = 'buntstore'";
    while (server_.sql(waiting).empty())
      std::this_thread::yield();
    other.run("COMMIT");
  }};
  EXPECT_EQ(store.find(id)->payload, "payload");
  administrator.join();
}

// --- full ---

TEST_F(postgres_faults, says_that_no_connection_became_free) {
  options_.max_connections = 2;
  options_.timeout = milliseconds{300};
  postgres store{options_};
  const auto id = new_id();
  const std::string revision = put(store, id);
  bystander other{server_.conninfo()};
  other.run("BEGIN");
  other.run("SELECT * FROM " + options_.table + " FOR UPDATE");
  std::atomic<int> busy = 0;
  std::atomic<int> late = 0;
  std::vector<std::thread> visitors;
  for (int i = 0; i < 6; ++i) {
    visitors.emplace_back([&] {
      const std::string text =
          failure_of([&] { store.commit(id, "next", in_an_hour(), revision, ""); });
      if (text.find("no connection to the database became free") != std::string::npos) {
        ++busy;
      } else if (text.find("no answer in time") != std::string::npos) {
        ++late;
      } else {
        ADD_FAILURE() << text;
      }
    });
  }
  for (std::thread& visitor : visitors)
    visitor.join();
  EXPECT_GE(busy, 1);
  EXPECT_GE(late, 2);
  other.run("COMMIT");
  const auto found = soon([&] { return store.find(id); });
  EXPECT_TRUE(found);
}

TEST_F(postgres_faults, makes_do_with_the_connections_that_the_server_gives) {
  server_.sql("CREATE ROLE few LOGIN CONNECTION LIMIT 1");
  server_.sql("GRANT CREATE ON SCHEMA public TO few");
  options_.connection = server_.conninfo("few");
  postgres store{options_};
  store.migrate();
  std::atomic<int> stored = 0;
  std::vector<std::thread> visitors;
  for (int i = 0; i < 4; ++i) {
    visitors.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        soon([&] { return put(store, new_id()); });
        ++stored;
      }
    });
  }
  for (std::thread& visitor : visitors)
    visitor.join();
  EXPECT_EQ(stored, 200);
}

// --- passwords ---

TEST_F(postgres_faults, says_that_the_password_is_wrong_and_never_what_it_is) {
  options_.connection = server_.conninfo("guarded") + " password=battery-staple";
  postgres store{options_};
  const std::string text = failure_of([&] { store.migrate(); });
  EXPECT_NE(text.find("password authentication failed"), std::string::npos) << text;
  EXPECT_EQ(text.find("battery"), std::string::npos) << text;
  EXPECT_EQ(failure_of([&] { store.find(new_id()); }).find("battery"), std::string::npos);

  server_.sql("ALTER ROLE guarded PASSWORD 'battery-staple'");
  soon([&] {
    put(store, new_id());
    return true;
  });
  server_.sql("ALTER ROLE guarded PASSWORD '" + std::string{postgres_server::guarded_password} +
              "'");
}

// --- read-only ---

TEST_F(postgres_faults, reads_from_a_read_only_database_and_says_why_it_cannot_write) {
  const auto id = new_id();
  {
    postgres writer{options_};
    put(writer, id);
  }
  server_.sql("CREATE ROLE reader LOGIN SUPERUSER");
  server_.sql("ALTER ROLE reader SET default_transaction_read_only = on");
  options_.connection = server_.conninfo("reader");
  postgres store{options_};
  const auto found = store.find(id);
  ASSERT_TRUE(found);
  const std::string text =
      failure_of([&] { store.commit(id, "next", in_an_hour(), found->revision, ""); }, id);
  EXPECT_NE(text.find("read-only transaction"), std::string::npos) << text;
  EXPECT_NE(text.find("25006"), std::string::npos) << text;
  failure_of([&] { store.erase(id); }, id);
  failure_of([&] { store.touch(id, in_an_hour()); }, id);
  EXPECT_EQ(store.find(id)->payload, "payload");

  server_.sql("ALTER ROLE reader RESET default_transaction_read_only");
  EXPECT_EQ(store.commit(id, "next", in_an_hour(), found->revision, "").result, outcome::committed)
      << "the connection of the standby is still used";
}

}  // namespace

}  // namespace test
