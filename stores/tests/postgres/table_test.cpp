// The table: who creates it, which names it may have, and by which clock its records expire.

#include "postgres/table.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres/caller.hpp"
#include "postgres/database_clock.hpp"
#include "postgres/pool.hpp"
#include "postgres/statements.hpp"
#include "postgres_store.hpp"
#include "text_of_error.hpp"

namespace test {

namespace {

using scs::errc;
using scs::stores::missing_table;
using scs::stores::postgres;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using outcome = scs::commit_result::outcome;

TEST_F(postgres_store, does_not_create_a_table_anew_that_was_there) {
  postgres store = make();
  const auto id = new_id();
  put(store, id);
  shared_postgres().sql("ALTER TABLE " + options_.table + " RENAME TO renamed");
  for (const auto& call :
       std::vector<std::function<void()>>{[&] { store.find(id); }, [&] { put(store, new_id()); },
                                          [&] { store.remove_expired(); }}) {
    EXPECT_NE(text_of_error(errc::store_failed, call).find("renamed or dropped"),
              std::string::npos);
  }
  EXPECT_EQ(shared_postgres().sql("SELECT to_regclass('" + options_.table + "')"), "");
  shared_postgres().sql("ALTER TABLE renamed RENAME TO " + options_.table);
  EXPECT_TRUE(store.find(id));
  shared_postgres().sql("DROP TABLE " + options_.table);
  store.migrate();
  EXPECT_FALSE(store.find(id));
}

// A statement does not find the table. Before the store gets the error, another thread has created
// the table.
TEST_F(postgres_store, takes_no_table_for_lost_that_another_thread_has_just_created) {
  namespace detail = scs::stores::postgres_detail;
  options_.payload = scs::stores::payload_column::bytea;
  const detail::statements sql{options_.table, options_.payload, detail::cleaning_clock::database};
  detail::database_clock time{options_.clock};
  scs::server_watch watch;
  detail::pool connections{options_, time, watch};
  detail::caller calls{connections, options_.timeout};
  detail::table table{options_, sql, calls};
  const auto until = std::chrono::steady_clock::now() + options_.timeout;
  int runs = 0;
  const auto find = [&](detail::connection& with, detail::deadline end) {
    ++runs;
    try {
      return with.execute(sql[detail::statement_id::find],
                          std::array{detail::parameter::bytes(""), detail::parameter::number(0)},
                          end);
    } catch (const scs::error&) {
      table.migrate(until);  // as the other thread does
      throw;
    }
  };
  EXPECT_NO_THROW(table.run(find, detail::repeatable::yes, until));
  EXPECT_EQ(runs, 2);
  shared_postgres().sql("DROP TABLE " + options_.table);
  EXPECT_NE(text_of_error(errc::store_failed,
                          [&] {
                            table.run(
                                [&](detail::connection& with, detail::deadline end) {
                                  return with.execute(sql[detail::statement_id::find],
                                                      std::array{detail::parameter::bytes(""),
                                                                 detail::parameter::number(0)},
                                                      end);
                                },
                                detail::repeatable::yes, until);
                          })
                .find("renamed or dropped"),
            std::string::npos);
}

TEST_F(postgres_store, needs_no_right_to_create_where_the_table_is_there) {
  make().migrate();
  shared_postgres().sql("CREATE ROLE without_create LOGIN");
  shared_postgres().sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  shared_postgres().sql("GRANT SELECT, INSERT, UPDATE, DELETE ON " + options_.table +
                        " TO without_create");
  options_.connection = shared_postgres().conninfo("without_create");
  for (const auto policy : {missing_table::create, missing_table::refuse}) {
    options_.if_missing = policy;
    postgres store = make();
    store.migrate();
    put(store, new_id());
  }
  options_.table = new_table();
  options_.if_missing = missing_table::create;
  EXPECT_NE(text_of_error(errc::store_failed, [&] { make().migrate(); }).find("42501"),
            std::string::npos);
}

TEST_F(postgres_store, creates_only_what_is_missing) {
  make().migrate();
  shared_postgres().sql("ALTER INDEX " + options_.table + "_user RENAME TO by_user");
  shared_postgres().sql("DROP INDEX " + options_.table + "_expiry");
  make().migrate();
  EXPECT_EQ(count("SELECT count(*) FROM pg_indexes WHERE tablename = '" + options_.table + "'"), 3);
  EXPECT_EQ(shared_postgres().sql("SELECT to_regclass('" + options_.table + "_user')"), "");
}

TEST_F(postgres_store, takes_names_with_hyphens) {
  shared_postgres().sql("CREATE SCHEMA \"my-shop\"");
  options_.table = "my-shop.web-sessions";
  postgres store = make();
  store.migrate();
  put(store, new_id());
  EXPECT_EQ(count("SELECT count(*) FROM \"my-shop\".\"web-sessions\""), 1);
  EXPECT_EQ(count("SELECT count(*) FROM pg_indexes WHERE schemaname = 'my-shop'"), 3);
}

// --- clocks ---

TEST_F(postgres_store, ends_a_record_also_if_this_servers_clock_is_ahead) {
  postgres store = make();
  session_clock ahead{clock_.now() + seconds{50}};
  options_.clock = &ahead;
  postgres hasty = make();
  const auto erased = new_id(), committed = new_id();
  put(store, erased, "{}", "", seconds{30});
  const std::string revision = put(store, committed, "{}", "", seconds{30});
  EXPECT_FALSE(hasty.find(erased));
  hasty.erase(erased);
  hasty.commit(committed, {}, {}, revision, {});
  EXPECT_FALSE(store.find(erased));
  EXPECT_FALSE(store.find(committed));
  EXPECT_EQ(count("SELECT count(*) FROM " + options_.table), 0);
}

/// A store whose database has a clock that is late: a function of that name is found first.
struct postgres_clock : postgres_store {
  std::unique_ptr<postgres> make_behind(const std::string& interval) {
    const std::string schema = "behind_" + new_table();
    shared_postgres().sql("CREATE SCHEMA " + schema);
    shared_postgres().sql("CREATE FUNCTION " + schema +
                          ".clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
                          "'SELECT pg_catalog.clock_timestamp() - interval ''" +
                          interval + "'''");
    if (options_.table.find('.') == std::string::npos) options_.table = "public." + options_.table;
    postgres_options options = options_;
    options.clock = nullptr;
    options.connection += " options='-c search_path=" + schema + ",pg_catalog,public'";
    return std::make_unique<postgres>(options);
  }
  using postgres_options = scs::stores::postgres_options;

  static scs::time_point in(seconds duration) { return scs::clock::system().now() + duration; }
};

TEST_F(postgres_clock, decides_when_a_record_expires) {
  const auto kept = make_behind("50 s");
  postgres& store = *kept;
  const auto id = new_id();
  // It has expired by this machine's clock.
  EXPECT_EQ(store.commit(id, "{}", in(seconds{-20}), std::nullopt, "").result, outcome::committed);
  EXPECT_TRUE(store.find(id));
  EXPECT_TRUE(store.touch(id, in(seconds{-10})));
  EXPECT_TRUE(store.erase(id));
  EXPECT_EQ(store.commit(id, "{}", in(seconds{-60}), std::nullopt, "").result, outcome::committed);
  EXPECT_FALSE(store.find(id));
}

TEST_F(postgres_clock, decides_what_is_cleaned_up) {
  const auto kept = make_behind("50 s");
  postgres& store = *kept;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(store.commit(new_id(), "{}", in(seconds{30}), std::nullopt, "").result,
              outcome::committed);
  }
  const auto expire = [&](int age) {
    shared_postgres().sql("UPDATE " + options_.table +
                          " SET expiry = (extract(epoch FROM clock_timestamp()) * "
                          "1000000)::bigint * 1000 - " +
                          std::to_string(age) + "000000000");
  };
  expire(100);
  EXPECT_EQ(store.remove_expired(), 0U) << "for the database, it has been so for 50 seconds";
  expire(120);
  EXPECT_EQ(store.remove_expired(), 3U);
}

TEST_F(postgres_clock, is_warned_of_and_refused_if_it_differs_too_much) {
  std::vector<std::string> causes;
  const auto first_use = [&](const std::string& interval, seconds idle) {
    causes.clear();
    auto store = make_behind(interval);
    scs::session_options options;
    options.idle_timeout = idle;
    options.cookie.secure = false;
    options.on_event = [&](const scs::event& happened) {
      if (happened.kind == scs::event_kind::store_warning) causes.push_back(log_line(happened));
    };
    scs::session_manager sessions{std::move(store), options};
    scs::session session = sessions.load("");
    session.put("cart", 1);
    sessions.commit(session);
  };
  first_use("0 s", minutes{20});
  EXPECT_TRUE(causes.empty());
  first_use("50 s", minutes{20});
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_NE(causes[0].find("its clock is about 50 s behind ours"), std::string::npos) << causes[0];
  EXPECT_NE(text_of_error(errc::store_failed, [&] { first_use("50 s", minutes{2}); })
                .find("synchronize the clocks"),
            std::string::npos);
  text_of_error(errc::store_failed, [&] { first_use("25 hours", hours{2}); });
}

}  // namespace

}  // namespace test
