// The store on a real server, which this program starts.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "conformance/conformance.hpp"
#include "postgres_store.hpp"
#include "tcp_proxy.hpp"
#include "text_of_error.hpp"
#include "transaction_pooler.hpp"

/// The code that docs/store-postgres.md shows.
std::unique_ptr<scs::session_manager> sessions_in_postgres(const std::string& connection);

namespace test {

namespace {

using scs::stores::missing_table;
using scs::stores::payload_column;
using scs::stores::postgres;
using scs::stores::postgres_options;
using scs::stores::statement_mode;
using std::chrono::milliseconds;
using std::chrono::minutes;
using outcome = scs::commit_result::outcome;

make_store_fixture with(
    statement_mode mode,
    const std::function<std::string()>& connection = [] { return shared_postgres().conninfo(); }) {
  return on_a_turned_clock([=](const scs::clock& clock) {
    postgres_options options = options_for(clock);
    options.connection = connection();
    options.statements = mode;
    return postgres{options};
  });
}

INSTANTIATE_TEST_SUITE_P(postgres_prepared, store_conformance,
                         testing::Values(with(statement_mode::prepared)),
                         [](const auto&) { return "postgres"; });
INSTANTIATE_TEST_SUITE_P(postgres_unprepared, store_conformance,
                         testing::Values(with(statement_mode::unprepared)),
                         [](const auto&) { return "postgres"; });

using prepared_statements = transaction_pooler::prepared_statements;

/// Fewer connections than the store has, so that they are really shared.
std::string pooled_connection() {
  static const transaction_pooler pooler{shared_postgres(), 2, prepared_statements::pass};
  return pooler.conninfo();
}

std::string tracking_pooled_connection() {
  static const transaction_pooler pooler{shared_postgres(), 2, prepared_statements::track};
  return pooler.conninfo();
}

INSTANTIATE_TEST_SUITE_P(postgres_pooled, store_conformance,
                         testing::Values(with(statement_mode::unprepared, pooled_connection)),
                         [](const auto&) { return "pgbouncer"; });
/// Prepared statements through a pgbouncer that tracks them. None if it is too old for that.
INSTANTIATE_TEST_SUITE_P(postgres_pooled_prepared, store_conformance,
                         testing::ValuesIn(transaction_pooler::can_track()
                                               ? std::vector{with(statement_mode::prepared,
                                                                  tracking_pooled_connection)}
                                               : std::vector<make_store_fixture>{}),
                         [](const auto&) { return "pgbouncer"; });

// --- the table ---

TEST_F(postgres_store, creates_its_table_and_indexes_when_they_are_first_needed) {
  postgres store = make();
  EXPECT_EQ(shared_postgres().sql("SELECT to_regclass('" + options_.table + "')"), "");
  put(store, new_id());
  EXPECT_EQ(count("SELECT count(*) FROM pg_indexes WHERE tablename = '" + options_.table + "'"), 3);
}

TEST_F(postgres_store, creates_its_table_once_however_many_begin_at_once) {
  std::vector<std::unique_ptr<postgres>> servers;
  for (int i = 0; i < 6; ++i)
    servers.push_back(std::make_unique<postgres>(options_));
  std::vector<std::thread> threads;
  for (auto& server : servers)
    threads.emplace_back([&] {
      server->migrate();
      put(*server, new_id());
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(count("SELECT count(*) FROM " + options_.table), 6);
}

TEST_F(postgres_store, creates_no_table_where_that_is_not_wanted) {
  options_.if_missing = missing_table::refuse;
  postgres store = make();
  const std::string text = text_of_error(scs::errc::store_failed, [&] { store.find(new_id()); });
  EXPECT_NE(text.find("42P01"), std::string::npos) << text;
  EXPECT_NE(text.find("migrate()"), std::string::npos) << text;
  EXPECT_NE(text_of_error(scs::errc::store_failed, [&] { store.migrate(); }).find("42P01"),
            std::string::npos)
      << "it only looks";
  options_.if_missing = missing_table::create;
  make().migrate();
  store.migrate();
  EXPECT_FALSE(store.find(new_id()));
}

TEST_F(postgres_store, keeps_its_table_in_a_schema) {
  shared_postgres().sql("CREATE SCHEMA \"Shop\"");
  options_.table = "Shop.Sessions";
  postgres store = make();
  put(store, new_id());
  EXPECT_EQ(count("SELECT count(*) FROM \"Shop\".\"Sessions\""), 1);
}

TEST_F(postgres_store, has_indexes_for_users_and_for_what_has_expired) {
  make().migrate();
  EXPECT_EQ(count("SELECT count(*) FROM pg_indexes WHERE tablename = '" + options_.table +
                  "' AND (indexdef LIKE '%(expiry)' OR indexdef LIKE '%(user_name, id)')"),
            2);
}

TEST_F(postgres_store, refuses_options_that_make_no_sense) {
  for (const char* table : {"", "a b", "a;b", "a.b.c", "1a", "\"a\"", ".a", "a."}) {
    options_.table = table;
    text_of_error(scs::errc::invalid_options, [&] { make(); });
  }
  options_.table = std::string(51, 'x');
  text_of_error(scs::errc::invalid_options, [&] { make(); });
  options_.table = "t";
  options_.connection = "nonsense=secret";
  const std::string text = text_of_error(scs::errc::invalid_options, [&] { make(); });
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  options_.connection.clear();
  options_.max_connections = 0;
  text_of_error(scs::errc::invalid_options, [&] { make(); });
  options_.max_connections = 1;
  options_.timeout = milliseconds{0};
  text_of_error(scs::errc::invalid_options, [&] { make(); });
}

// --- payloads ---

TEST_F(postgres_store, keeps_payloads_as_jsonb_for_sql_to_look_into) {
  options_.payload = payload_column::jsonb;
  auto owned = std::make_unique<postgres>(options_);
  scs::session_manager sessions{std::move(owned), {.clock = &clock_}};
  const std::vector<std::string> texts{"", "\"\\\n\t", "\u00e9 \U0001F600 \u2028 <&>", "null",
                                       std::string(100'000, 'x')};
  scs::session session = sessions.load(std::string_view{});
  for (std::size_t i = 0; i < texts.size(); ++i)
    session.put("text " + std::to_string(i), texts[i]);
  session.put("largest", std::numeric_limits<std::int64_t>::max());
  session.put("tenth", 0.1);
  session.put("tiny", 5e-324);
  session.put("huge", 1.7976931348623157e308);
  session.put("yes", true);
  const auto headers = sessions.commit(session);
  const std::string set = headers.at(0).value;

  scs::session again = sessions.load(std::string_view{set.substr(0, set.find(';'))});
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(again.get<std::string>("text " + std::to_string(i)), texts[i]);
  EXPECT_EQ(again.get<std::int64_t>("largest"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(again.get<double>("tenth"), 0.1);
  EXPECT_EQ(again.get<double>("tiny"), 5e-324);
  EXPECT_EQ(again.get<double>("huge"), 1.7976931348623157e308);
  EXPECT_EQ(again.get<bool>("yes"), true);
  EXPECT_EQ(again.deadline(), clock_.now() + std::chrono::hours{24}) << "to the nanosecond";
  EXPECT_EQ(shared_postgres().sql("SELECT payload->'data'->>'tenth' FROM " + options_.table),
            "0.1");
  EXPECT_EQ(again.keys().size(), texts.size() + 5);
}

TEST_F(postgres_store, says_what_a_jsonb_column_cannot_keep) {
  options_.payload = payload_column::jsonb;
  postgres store = make();
  const auto refused = [&](std::string_view payload) {
    return text_of_error(scs::errc::invalid_value, [&] {
      store.commit(new_id(), payload, clock_.now() + minutes{1}, std::nullopt, "");
    });
  };
  EXPECT_NE(refused(R"({"secret":"\u0000"})").find("U+0000"), std::string::npos);
  EXPECT_NE(refused("secret").find("JSON"), std::string::npos);
  EXPECT_EQ(refused("secret").find("secret"), std::string::npos);
  EXPECT_FALSE(store.find(new_id()));
}

TEST_F(postgres_store, notices_a_table_with_the_other_kind_of_payload) {
  postgres store = make();
  put(store, new_id());
  options_.payload = payload_column::jsonb;
  postgres other = make();
  const std::string text = text_of_error(scs::errc::store_failed, [&] { other.migrate(); });
  EXPECT_NE(text.find("postgres_options::payload"), std::string::npos) << text;
  text_of_error(scs::errc::store_failed,
                [&] { other.commit(new_id(), "{}", clock_.now() + minutes{1}, std::nullopt, ""); });
}

// --- connections ---

TEST_F(postgres_store, keeps_one_connection_for_calls_one_after_the_other) {
  postgres store = make();
  store.migrate();
  for (int i = 0; i < 20; ++i) {
    const auto id = new_id();
    put(store, id);
    store.find(id);
  }
  EXPECT_EQ(count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'buntstore' AND "
                  "query LIKE '%" +
                  options_.table + "%'"),
            1);
}

TEST_F(postgres_store, says_what_to_do_where_prepared_statements_do_not_work) {
  const transaction_pooler pooler{shared_postgres(), 1, prepared_statements::pass};
  options_.connection = pooler.conninfo();
  postgres first = make();
  postgres second = make();
  put(first, new_id());
  const std::string text = text_of_error(scs::errc::store_failed, [&] { put(second, new_id()); });
  EXPECT_NE(text.find("statement_mode::unprepared"), std::string::npos) << text;
}

TEST_F(postgres_store, creates_its_table_behind_a_pooler_whatever_it_is_asked_first) {
  const bool tracks = transaction_pooler::can_track();
  options_.connection = tracks ? tracking_pooled_connection() : pooled_connection();
  options_.statements = tracks ? statement_mode::prepared : statement_mode::unprepared;
  const auto pass_over = [](const scs::session_id&, const scs::record&) {
    return scs::visit::next;
  };
  const std::vector<std::function<void(postgres&)>> first_calls{
      [&](postgres& store) { put(store, new_id()); },
      [&](postgres& store) { EXPECT_FALSE(store.find(new_id())); },
      [&](postgres& store) {
        const auto replaced =
            store.commit(new_id(), "{}", clock_.now() + std::chrono::hours{1}, "abc", "");
        EXPECT_EQ(replaced.result, outcome::gone);
      },
      [&](postgres& store) {
        EXPECT_EQ(store.commit(new_id(), "{}", clock_.now(), "abc", "").result, outcome::gone);
      },
      [&](postgres& store) { EXPECT_FALSE(store.touch(new_id(), clock_.now())); },
      [&](postgres& store) { EXPECT_FALSE(store.erase(new_id())); },
      [&](postgres& store) { store.for_each(pass_over); },
      [&](postgres& store) { store.for_each_of_user("somebody", pass_over); },
      [&](postgres& store) { EXPECT_EQ(store.remove_expired(), 0U); },
      [&](postgres& store) { store.migrate(); }};
  for (std::size_t i = 0; i < first_calls.size(); ++i) {
    SCOPED_TRACE("first call " + std::to_string(i));
    options_.table = new_table();
    postgres store = make();
    first_calls[i](store);
    for (const auto& call : first_calls)  // and each of the others after it
      call(store);
    shared_postgres().sql("DROP TABLE " + options_.table);
    store.migrate();
    for (const auto& call : first_calls)
      call(store);
  }
}

TEST_F(postgres_store, goes_on_behind_a_pooler_after_a_refused_statement) {
  const bool tracks = transaction_pooler::can_track();
  options_.connection = tracks ? tracking_pooled_connection() : pooled_connection();
  options_.statements = tracks ? statement_mode::prepared : statement_mode::unprepared;
  options_.if_missing = missing_table::refuse;
  postgres store = make();
  for (int i = 0; i < 3; ++i) {
    const std::string text = text_of_error(scs::errc::store_failed, [&] { put(store, new_id()); });
    EXPECT_NE(text.find("42P01"), std::string::npos) << text;
  }
  options_.if_missing = missing_table::create;
  make().migrate();
  put(store, new_id());
}

// --- sessions ---

TEST_F(postgres_store, works_as_the_page_on_it_shows) {
  const auto sessions = sessions_in_postgres(shared_postgres().conninfo());
  scs::session session = sessions->load(std::string_view{});
  session.put("message", "hello");
  const std::string set = sessions->commit(session).at(0).value;
  scs::session again = sessions->load(std::string_view{set.substr(0, set.find(';'))});
  EXPECT_EQ(again.get<std::string>("message"), "hello");
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 1);
}

TEST_F(postgres_store, takes_one_round_trip_for_each_call) {
  const tcp_proxy proxy(shared_postgres().port());
  options_.max_connections = 1;
  options_.connection =
      "host=127.0.0.1 dbname=postgres user=app sslmode=disable gssencmode=disable port=" +
      std::to_string(proxy.port());
  postgres store = make();
  const auto expiry = [this] { return clock_.now() + minutes{1}; };
  const auto of = [&](auto call) {
    const int before = proxy.round_trips();
    call();
    return proxy.round_trips() - before;
  };
  const auto id = new_id();
  // The store is connected, the table exists, and each statement is prepared.
  auto revision = store.commit(id, "1", expiry(), std::nullopt, "").revision;
  revision = store.commit(id, "2", expiry(), revision, "").revision;
  store.commit(id, "2", expiry(), "another", "");
  store.find(id);
  store.touch(id, expiry());
  store.erase(new_id());

  EXPECT_EQ(of([&] { store.find(id); }), 1);
  EXPECT_EQ(of([&] { store.find(new_id()); }), 1);
  EXPECT_EQ(of([&] { revision = store.commit(id, "3", expiry(), revision, "").revision; }), 1);
  EXPECT_EQ(of([&] { revision = store.commit(id, "3", expiry(), revision, "tom").revision; }), 1)
      << "another user than before";
  EXPECT_EQ(of([&] { store.commit(new_id(), "1", expiry(), std::nullopt, "tom"); }), 1);
  EXPECT_EQ(of([&] { store.touch(id, expiry()); }), 1);
  EXPECT_LE(of([&] { store.commit(id, "4", expiry(), "another", ""); }), 2) << "refused";
  EXPECT_EQ(of([&] { store.erase(id); }), 1);

  EXPECT_EQ(of([&] {
              scs::session_manager sessions{std::make_unique<postgres>(options_)};
              scs::session session = sessions.load("session=" + std::string(43, 'A'));
              sessions.commit(session);
            }),
            0)
      << "a request that leaves its session alone";
}

TEST_F(postgres_store, takes_one_round_trip_to_load_a_session_with_its_watermark) {
  const tcp_proxy proxy(shared_postgres().port());
  options_.max_connections = 1;
  options_.connection =
      "host=127.0.0.1 dbname=postgres user=app sslmode=disable gssencmode=disable port=" +
      std::to_string(proxy.port());
  scs::session_manager sessions{std::make_unique<postgres>(options_),
                                {.cookie = {.secure = false}, .clock = &clock_}};
  const auto cookie_of = [&](std::string_view user) {
    scs::session session = sessions.load("");
    session.put("key", 1);
    session.set_user(user);
    sessions.commit(session);
    return sessions.cookie_name() + "=" + session.token();
  };
  const auto trips_to_load = [&](const std::string& cookie) {
    const int before = proxy.round_trips();
    EXPECT_EQ(sessions.load(cookie).get<int>("key"), 1);
    return proxy.round_trips() - before;
  };
  const std::string nobodys = cookie_of(""), toms = cookie_of("tom");
  const std::string longest = cookie_of(std::string(60, 'x'));
  const std::string longer = cookie_of(std::string(61, 'x'));
  trips_to_load(longer);  // prepares each statement
  EXPECT_EQ(trips_to_load(nobodys), 1);
  EXPECT_EQ(trips_to_load(toms), 1);
  EXPECT_EQ(trips_to_load(longest), 1);
  EXPECT_EQ(trips_to_load(longer), 2) << "the id of its watermark is a hash";
  sessions.revoke_all("tom");
  EXPECT_EQ(trips_to_load(cookie_of("tom")), 1) << "with a watermark";
}

/// PostgreSQL's 40001, as it occurs under stricter isolation and in distributed databases.
TEST_F(postgres_store, repeats_what_the_server_took_back_for_a_conflict) {
  shared_postgres().sql("CREATE ROLE strict LOGIN SUPERUSER");
  shared_postgres().sql("ALTER ROLE strict SET default_transaction_isolation = 'serializable'");
  options_.connection = shared_postgres().conninfo("strict");
  postgres store = make();
  const auto id = new_id();
  put(store, id, "0");
  run_threads(4, [&](int) {
    for (int i = 0; i < 25;) {
      const auto found = store.find(id);
      const std::string next = std::to_string(std::stoi(found->payload) + 1);
      if (store.commit(id, next, clock_.now() + minutes{1}, found->revision, "").result ==
          outcome::committed) {
        ++i;
      }
    }
  });
  EXPECT_EQ(store.find(id)->payload, "100");
}

TEST_F(postgres_store, waits_for_a_connection_when_all_are_busy) {
  options_.max_connections = 1;
  postgres store = make();
  store.migrate();
  std::atomic<int> done = 0;
  run_threads(4, [&](int) {
    for (int i = 0; i < 20; ++i) {
      put(store, new_id());
      ++done;
    }
  });
  EXPECT_EQ(done, 80);
}

}  // namespace

}  // namespace test
