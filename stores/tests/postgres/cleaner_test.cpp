// The removal of expired records.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <libpq-fe.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "conformance/conformance.hpp"
#include "postgres_store.hpp"

namespace test {

namespace {

using scs::stores::postgres;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST_F(postgres_store, removes_in_batches_what_has_been_expired_for_a_minute) {
  options_.clean_batch = 10;
  postgres store = make();
  for (int i = 0; i < 25; ++i)
    put(store, new_id(), "old", "", seconds{10});
  const auto live = new_id();
  put(store, live, "live");
  clock_.advance(seconds{69});
  EXPECT_EQ(store.remove_expired(), 0U) << "others' clocks may be behind";
  clock_.advance(seconds{1});
  EXPECT_EQ(store.remove_expired(), 10U);
  EXPECT_EQ(store.remove_expired(), 10U);
  EXPECT_EQ(store.remove_expired(), 5U);
  EXPECT_EQ(store.remove_expired(), 0U);
  EXPECT_EQ(count("SELECT count(*) FROM " + options_.table), 1);
  EXPECT_TRUE(store.find(live));
}

TEST_F(postgres_store, removes_each_record_once_however_many_servers_do_it) {
  constexpr int records = 600;
  options_.clean_batch = 20;
  postgres first = make();
  first.migrate();
  shared_postgres().sql("INSERT INTO " + options_.table +
                        " SELECT decode(lpad(to_hex(i), 8, '0'), 'hex'), '', 1, 1, NULL "
                        "FROM generate_series(1, " +
                        std::to_string(records) + ") i");
  const auto live = new_id();
  put(first, live);
  std::atomic<std::size_t> removed = 0;
  std::atomic<int> failures = 0;
  run_threads(4, [&](int) {
    postgres server{options_};
    for (int idle = 0; idle < 3;) {
      try {
        const std::size_t batch = server.remove_expired();
        EXPECT_LE(batch, 20U);
        removed += batch;
        if (batch == 0) ++idle;
      } catch (const scs::error&) {
        ++failures;
        ++idle;
      }
    }
  });
  EXPECT_EQ(removed, static_cast<std::size_t>(records));
  EXPECT_EQ(failures, 0);
  EXPECT_TRUE(first.find(live));
}

TEST_F(postgres_store, passes_over_what_somebody_else_has_locked) {
  postgres store = make();
  store.migrate();
  shared_postgres().sql("INSERT INTO " + options_.table +
                        " SELECT decode(to_hex(i), 'hex'), '', 1, 1, NULL "
                        "FROM generate_series(16, 25) i");
  options_.max_connections = 1;
  std::unique_ptr<PGconn, decltype(&PQfinish)> other{
      PQconnectdb(shared_postgres().conninfo().c_str()), &PQfinish};
  PQclear(PQexec(
      other.get(),
      ("BEGIN; SELECT * FROM " + options_.table + " WHERE id < '\\x14' FOR UPDATE").c_str()));
  EXPECT_EQ(store.remove_expired(), 6U);
  PQclear(PQexec(other.get(), "COMMIT"));
  EXPECT_EQ(store.remove_expired(), 4U);
}

TEST_F(postgres_store, cleans_by_itself) {
  options_.clean_every = milliseconds{5};
  options_.clean_batch = 3;
  {
    postgres store = make();
    store.migrate();
    shared_postgres().sql("INSERT INTO " + options_.table +
                          " SELECT decode(to_hex(i), 'hex'), '', 1, 1, NULL "
                          "FROM generate_series(16, 35) i");
    const auto give_up = std::chrono::steady_clock::now() + seconds{10};
    while (count("SELECT count(*) FROM " + options_.table) > 0 &&
           std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
    EXPECT_EQ(count("SELECT count(*) FROM " + options_.table), 0);
  }
}

TEST_F(postgres_store, says_why_it_cannot_clean_and_tries_again) {
  std::mutex mutex;
  std::condition_variable told;
  std::vector<std::string> texts;
  options_.connection = "host=127.0.0.1 port=1 dbname=none";
  options_.clean_every = milliseconds{1};
  options_.on_cleaning_failed = [&](const std::exception_ptr& cause) {
    try {
      std::rethrow_exception(cause);
    } catch (const scs::error& failure) {
      const std::lock_guard lock{mutex};
      texts.emplace_back(failure.what());
      told.notify_all();
    }
    throw 1;  // is dropped
  };
  postgres store = make();
  std::unique_lock lock{mutex};
  EXPECT_TRUE(told.wait_for(lock, seconds{10}, [&] { return texts.size() > 2; }));
  EXPECT_NE(texts.at(0).find("cannot connect"), std::string::npos) << texts.at(0);
}

}  // namespace

}  // namespace test
