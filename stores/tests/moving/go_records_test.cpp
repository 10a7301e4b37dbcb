// Moving from the stores of Go's SCS v2: their records are found, changed and moved.

#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <buntstore/internal/base64.hpp>
#include <scs/gob_codec.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/moving.hpp>
#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>

#include "conformance/conformance.hpp"
#include "gob/gob_samples.hpp"
#include "moving/postgres_fixture.hpp"
#include "moving/two_stores.hpp"
#include "redis_fixture.hpp"
#include "temporary_folder.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::moving;
using scs::stores::moving_stage;

redis_server& redis() {
  return shared_server();
}

scs::stores::redis_options redis_of_go() {
  return {.servers = {redis().address()},
          .key_prefix = "scs:session:",
          .records = scs::stores::redis_records::scs_v2};
}

std::string new_table() {
  static std::atomic<int> count = 0;
  std::string table = "go_sessions_" + std::to_string(++count);
  // As in SCS's documentation.
  shared_postgres().sql("CREATE TABLE " + table +
                        " (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT "
                        "NULL)");
  return table;
}

scs::stores::postgres_options postgres_of_go(const std::string& table) {
  return {.connection = shared_postgres().conninfo(),
          .table = table,
          .records = scs::stores::postgres_records::scs_v2,
          .if_missing = scs::stores::missing_table::refuse,
          .timeout = 20s,
          .clean_every = 0ms};
}

// --- the conformance suite, while the sessions move ---

class go_redis_fixture final : public store_fixture {
 public:
  go_redis_fixture() { redis().command({"FLUSHALL"}); }

  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return scs::clock::system(); }
  bool advance(std::chrono::nanoseconds duration) override {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    redis().command({"EVAL",
                     "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('PEXPIRE', key, "
                     "redis.call('PTTL', key) - ARGV[1]) end",
                     "0", std::to_string(ms)});
    return true;
  }

 private:
  scs::stores::redis store_{redis_of_go()};
};

class go_postgres_fixture final : public store_fixture {
 public:
  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return scs::clock::system(); }
  bool advance(std::chrono::nanoseconds duration) override {
    shared_postgres().sql(
        "UPDATE " + table_ + " SET expiry = expiry - interval '1 microsecond' * " +
        std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()));
    return true;
  }

 private:
  const std::string table_ = new_table();
  scs::stores::postgres store_{postgres_of_go(table_)};
};

std::unique_ptr<store_fixture> go_redis() {
  return std::make_unique<go_redis_fixture>();
}
std::unique_ptr<store_fixture> go_postgres() {
  return std::make_unique<go_postgres_fixture>();
}
std::unique_ptr<store_fixture> own_redis() {
  return one_server<redis_fixture>();
}
std::unique_ptr<store_fixture> own_postgres() {
  return std::make_unique<postgres_fixture>();
}

INSTANTIATE_TEST_SUITE_P(moving_from_go, store_conformance,
                         testing::Values(moving_between(go_redis, own_postgres),
                                         moving_between(go_postgres, own_redis)),
                         [](const auto& which) {
                           return std::string{which.index == 0 ? "redis" : "postgres"};
                         });

// --- a site that comes from Go ---

/// One of Go's stores, used as Go uses it.
class go_store {
 public:
  virtual ~go_store() = default;
  virtual void commit(const std::string& token, const std::string& payload,
                      std::chrono::seconds life) = 0;
  virtual std::optional<std::string> find(const std::string& token) = 0;
  /// Connects a server that uses this library.
  virtual std::unique_ptr<scs::store> connect() = 0;
};

class go_redisstore final : public go_store {
 public:
  go_redisstore() { redis().command({"FLUSHALL"}); }

  void commit(const std::string& token, const std::string& payload,
              std::chrono::seconds life) override {
    const auto expiry = (scs::clock::system().now() + life).time_since_epoch();
    redis().command({"SET", "scs:session:" + token, payload});
    redis().command(
        {"PEXPIREAT", "scs:session:" + token,
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(expiry).count())});
  }
  std::optional<std::string> find(const std::string& token) override {
    if (redis().command({"EXISTS", "scs:session:" + token}) == "0") return std::nullopt;
    return redis().command({"GET", "scs:session:" + token});
  }
  std::unique_ptr<scs::store> connect() override {
    return std::make_unique<scs::stores::redis>(redis_of_go());
  }
};

class go_postgresstore final : public go_store {
 public:
  void commit(const std::string& token, const std::string& payload,
              std::chrono::seconds life) override {
    shared_postgres().sql("INSERT INTO " + table_ + " (token, data, expiry) VALUES ('" + token +
                          "', decode('" + base64_of(payload) +
                          "', 'base64'), now() + interval '1 second' * " +
                          std::to_string(life.count()) +
                          ") ON CONFLICT (token) DO UPDATE SET data = EXCLUDED.data, expiry = "
                          "EXCLUDED.expiry");
  }
  std::optional<std::string> find(const std::string& token) override {
    const std::string there =
        " FROM " + table_ + " WHERE token = '" + token + "' AND current_timestamp < expiry";
    if (shared_postgres().sql("SELECT count(*)" + there) == "0") return std::nullopt;
    std::string text = shared_postgres().sql("SELECT encode(data, 'base64')" + there);
    std::erase(text, '\n');
    return from_base64(text);
  }
  std::unique_ptr<scs::store> connect() override {
    return std::make_unique<scs::stores::postgres>(postgres_of_go(table_));
  }

 private:
  static std::string base64_of(std::string_view bytes) {
    std::string text;
    buntstore::base64::append_padded(text, bytes);
    return text;
  }

  const std::string table_ = new_table();
};

/// A file that Go wrote and that this process then uses.
class go_buntdbstore final : public go_store {
 public:
  void commit(const std::string& token, const std::string& payload,
              std::chrono::seconds life) override {
    std::ofstream file{folder_.file("go.db"), std::ios::binary | std::ios::app};
    const std::string seconds = std::to_string(life.count());
    for (const std::string& word : {std::string{"set"}, token, payload, std::string{"ex"}, seconds})
      file << (word == "set" ? "*5\r\n" : "") << '$' << word.size() << "\r\n" << word << "\r\n";
  }
  std::optional<std::string> find(const std::string& token) override { return db().get(token); }
  std::unique_ptr<scs::store> connect() override {
    return std::make_unique<scs::stores::bunt>(db());
  }

 private:
  buntdb::database& db() {
    if (!db_) {
      db_.reset(new buntdb::database{buntdb::database::open(folder_.file("go.db"))});
    }
    return *db_;
  }

  const buntstore::testing::temporary_folder folder_;
  std::unique_ptr<buntdb::database> db_;
};

class site_from_go : public testing::TestWithParam<std::function<std::unique_ptr<go_store>()>> {
 protected:
  std::unique_ptr<scs::session_manager> server(std::unique_ptr<scs::store> on) const {
    return std::make_unique<scs::session_manager>(
        std::move(on), scs::session_options{.cookie = {.name = "session"},
                                            .ids = scs::id_mode::raw,
                                            .codec = std::make_shared<scs::gob_codec>()});
  }
  std::unique_ptr<scs::session_manager> server(moving_stage stage) {
    return server(std::make_unique<moving>(go->connect(), std::make_unique<store_front>(to),
                                           scs::stores::moving_options{.stage = stage}));
  }

  /// Returns what Go stores for a session with `n` visits.
  static std::string payload_of(int n) {
    scs::payload contents;
    contents.deadline = scs::clock::system().now() + 1h;
    const std::string number = std::to_string(n);
    contents.data.push_back({"n", number});
    return scs::gob_codec{}.encode(contents);
  }
  static int visits_in(const std::string& payload) {
    const scs::payload contents = scs::gob_codec{}.decode(payload);
    for (const scs::payload::member& each : contents.data)
      if (each.key == "n") return std::stoi(std::string{each.json});
    return -1;
  }
  /// Counts a visit. Returns -1 for an unknown session.
  static int visit(scs::session_manager& at, const std::string& token) {
    const std::string cookie = "session=" + token;
    scs::session session = at.load(std::string_view{cookie});
    const std::optional<int> before = session.get<int>("n");
    if (!before) return -1;
    session.put("n", *before + 1);
    at.commit(session);
    return *before + 1;
  }
  static std::string new_token() { return std::string{scs::token::generate().text()}; }

  const std::unique_ptr<go_store> go = GetParam()();
  scs::stores::memory to;
};

TEST_P(site_from_go, moves_in_three_restarts) {
  const std::string ada = new_token(), tom = new_token(), eve = new_token();
  for (const std::string& token : {ada, tom, eve})
    go->commit(token, payload_of(1), 1h);
  {
    const auto first = server(moving_stage::prepare);
    EXPECT_EQ(visit(*first, ada), 2);
    EXPECT_EQ(visits_in(go->find(ada).value_or("")), 2) << "Go reads it still";
    const std::string cookie = "session=" + eve;
    scs::session ended = first->load(std::string_view{cookie});
    ended.destroy();
    first->commit(ended);
    EXPECT_FALSE(go->find(eve));
  }
  const auto second = server(moving_stage::move);
  EXPECT_EQ(visit(*second, ada), 3);
  EXPECT_FALSE(go->find(ada));
  EXPECT_EQ(dynamic_cast<moving&>(second->store()).move_rest(), 1U);
  EXPECT_FALSE(go->find(tom));
  const auto last = server(std::make_unique<store_front>(to));
  EXPECT_EQ(visit(*last, ada), 4);
  EXPECT_EQ(visit(*last, tom), 2);
  EXPECT_EQ(visit(*last, eve), -1);
  // Approximately the lifetime that Go set: a file keeps whole seconds.
  const auto left = to.find(scs::session_id::from_text(tom))->expiry - scs::clock::system().now();
  EXPECT_GT(left, 59min);
  EXPECT_LE(left, 1h);
}

TEST_P(site_from_go, lists_and_revokes_users_before_their_sessions_move) {
  const std::string ada = new_token();
  go->commit(ada, payload_of(1), 1h);
  go->commit(new_token(), "no session", 1h);
  const auto first = server(moving_stage::prepare), second = server(moving_stage::move);
  const std::string cookie = "session=" + ada;
  scs::session session = first->load(std::string_view{cookie});
  session.set_user("ada", {}, scs::session::at_login::keep_token);
  first->commit(session);
  EXPECT_EQ(first->sessions_of("ada").size(), 1U);
  EXPECT_EQ(second->sessions_of("ada").size(), 1U);
  EXPECT_EQ(second->sessions_of("tom").size(), 0U);
  EXPECT_EQ(second->revoke_all("ada"), 1U);
  EXPECT_EQ(visit(*first, ada), -1);
  EXPECT_EQ(visit(*second, ada), -1);
}

TEST_P(site_from_go, moves_what_scs_v2_has_written_byte_for_byte) {
  std::map<std::string, std::string> written;
  for (const gob_sample& each : gob_samples()) {
    const std::string token = new_token();
    written[token] = each.payload;
    go->commit(token, each.payload, 1h);
  }
  ASSERT_FALSE(written.empty());
  const auto second = server(moving_stage::move);
  EXPECT_EQ(dynamic_cast<moving&>(second->store()).move_rest(), written.size());
  for (const auto& [token, payload] : written) {
    const auto moved = to.find(scs::session_id::from_text(token));
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->payload, payload);
  }
}
std::string name_of(std::size_t go_store) {
  constexpr std::array names{"redisstore", "postgresstore", "buntdbstore"};
  return names[go_store];
}

INSTANTIATE_TEST_SUITE_P(moving_from_go, site_from_go,
                         testing::Values([] { return std::make_unique<go_redisstore>(); },
                                         [] { return std::make_unique<go_postgresstore>(); },
                                         [] { return std::make_unique<go_buntdbstore>(); }),
                         [](const auto& which) { return name_of(which.index); });

}  // namespace

}  // namespace test
