#include <atomic>
#include <cerrno>
#include <random>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::io_call;
using testing::memory_file_system;
using testing::test_database;
using pairs = std::vector<std::pair<std::string, std::string>>;
using unsynced_data = memory_file_system::unsynced_data;

const char* const path = test_database::path;

class compaction : public ::testing::TestWithParam<sync_policy> {
 protected:
  pairs reopened(memory_file_system& files) {
    test_database db(files, clock_);
    return contents(*db);
  }

  static void churn(test_database& db, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      db->set("key " + std::to_string(i % 20), "value " + std::to_string(i), {.ttl = 1h});
      if (i % 7 == 0) db->erase("key " + std::to_string(i % 11));
    }
  }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_P(compaction, keeps_every_item_and_drops_what_is_dead) {
  test_database db(files_, clock_, GetParam());
  churn(db, 1000);
  const pairs before = contents(*db);
  const std::uint64_t size = db->stats().file_bytes;
  EXPECT_EQ(size, files_.content(path).size());
  db->compact();
  EXPECT_EQ(contents(*db), before);
  EXPECT_LT(db->stats().file_bytes, size / 20);
  EXPECT_EQ(db->stats().file_bytes, files_.content(path).size());
  EXPECT_EQ(files_.paths(), std::vector<std::string>{path});
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::dropped)), before);
  EXPECT_EQ(db->stats().compactions, 1U);
  // And writes continue.
  churn(db, 100);
  const pairs after = contents(*db);
  db->compact();
  db->compact();
  churn(db, 0);
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)), after);
  db->close();
  EXPECT_EQ(reopened(files_), after);
}

TEST_P(compaction, foretells_the_size_of_the_new_file) {
  test_database db(files_, clock_, GetParam());
  churn(db, 300);
  db->set("no expiry", std::string(5000, 'x'));
  db->set("", "");
  const std::uint64_t live = db->stats().live_bytes;
  db->compact();
  EXPECT_EQ(db->stats().live_bytes, live);
  EXPECT_EQ(db->stats().file_bytes, live + std::uint64_t{2} * 63);  // one batch and a seal
}

TEST_P(compaction, of_an_empty_or_new_database_is_harmless) {
  test_database db(files_, clock_, GetParam());
  db->compact();
  db->set("a", "1");
  db->erase("a");
  db->compact();
  db->set("b", "2");
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)), (pairs{{"b", "2"}}));
  test_database in_memory(clock_);
  in_memory->compact();
}

TEST_P(compaction, takes_expiry_along) {
  test_database db(files_, clock_, GetParam());
  db->set("a", "1", {.ttl = 100s});
  db->set("b", "2", {.ttl = 10s});
  db->set("c", "3");
  clock_.advance(20s);
  db->compact();
  const auto copy = files_.after_power_cut(unsynced_data::kept);
  test_database again(*copy, clock_);
  EXPECT_EQ(contents(*again), (pairs{{"a", "1"}, {"c", "3"}}));
  EXPECT_EQ(again->begin_read().ttl("a"), 80s);
}

TEST_P(compaction, leaves_old_or_new_file_whatever_call_the_power_goes_at) {
  // The disk after each call of a compaction, with everything unsynced dropped or kept.
  test_database db(files_, clock_, GetParam());
  churn(db, 60);
  db->sync();
  const pairs before = contents(*db);
  for (std::uint64_t nth = 1;; ++nth) {
    // The call fails as if the machine had stopped there: it has no effect.
    files_.forget_calls();
    files_.fail_nth(nth, EIO);
    const bool stopped = code_of([&] { db->compact(); }) != std::error_code();
    files_.heal();
    for (const unsynced_data what : {unsynced_data::dropped, unsynced_data::kept}) {
      ASSERT_EQ(reopened(*files_.after_power_cut(what)), before) << "call " << nth;
    }
    if (!stopped) break;
    if (db->stats().compactions != 0 || code_of([&] { db->sync(); }) == errc::writes_stopped) break;
    ASSERT_EQ(contents(*db), before);
    ASSERT_EQ(files_.paths(), std::vector<std::string>{path}) << "call " << nth;
  }
}

TEST_P(compaction, that_fails_leaves_a_database_that_works) {
  for (std::uint64_t nth = 1;; ++nth) {
    memory_file_system files;
    test_database db(files, clock_, GetParam());
    churn(db, 60);
    const pairs before = contents(*db);
    files.fail_nth(nth, ENOSPC);
    const std::error_code code = code_of([&] { db->compact(); });
    files.heal();
    if (!code) break;
    EXPECT_EQ(contents(*db), before);
    if (code == errc::writes_stopped ||
        code_of([&] { db->set("a", "1"); }) == errc::writes_stopped) {
      continue;  // the sync of the new name: what is on disk is unknown
    }
    EXPECT_EQ(db->get("a"), "1");
    db->compact();
    const pairs expected = contents(*db);
    ASSERT_EQ(reopened(*files.after_power_cut(unsynced_data::kept)), expected) << "call " << nth;
  }
}

TEST_P(compaction, gives_up_when_another_file_has_the_name) {
  test_database db(files_, clock_, GetParam());
  churn(db, 60);
  files_.remove(path);
  files_.put(path, "");
  EXPECT_EQ(code_of([&] { db->compact(); }), errc::file_lost);
  EXPECT_EQ(files_.content(path), "");
}

TEST_P(compaction, is_refused_inside_a_transaction) {
  test_database db(files_, clock_, GetParam());
  db->update(
      [&](transaction&) { EXPECT_EQ(code_of([&] { db->compact(); }), errc::nested_transaction); });
}

TEST_P(compaction, runs_beside_readers_and_writers) {
  test_database db(files_, clock_, GetParam());
  for (int i = 0; i < 2000; ++i)
    db->set("fixed " + std::to_string(i), std::string(100, 'f'));
  std::atomic<int> running{3};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string key = "thread " + std::to_string(t);
        db->set(key, std::to_string(i));
        ASSERT_EQ(db->get(key), std::to_string(i));
        if (i % 100 == 0) {
          // At every moment, everything that this thread has written so far is in the file.
          const auto copy = files_.after_power_cut(unsynced_data::kept);
          test_database killed(*copy, clock_);
          ASSERT_EQ(killed->get(key), std::to_string(i));
          ASSERT_EQ(killed.events().size(), 0U);
        }
      }
      --running;
    });
  }
  int compactions = 0;
  do {
    db->compact();
    ++compactions;
  } while (running != 0 && compactions < 200);
  for (auto& thread : threads)
    thread.join();
  const pairs expected = contents(*db);
  EXPECT_EQ(expected.size(), 2003U);
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)), expected);
  db->sync();
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::dropped)), expected);
}

TEST_P(compaction, keeps_what_is_durable_durable_whenever_the_power_goes) {
  if (GetParam() != sync_policy::always) return;
  test_database db(files_, clock_, GetParam());
  std::atomic<bool> done{false};
  std::thread compactor([&] {
    while (!done)
      db->compact();
  });
  for (int i = 0; i < 200; ++i) {
    db->set("n", std::to_string(i));
    const auto copy = files_.after_power_cut(unsynced_data::dropped);
    test_database cut(*copy, clock_);
    EXPECT_EQ(cut->get("n"), std::to_string(i));
  }
  done = true;
  compactor.join();
}

INSTANTIATE_TEST_SUITE_P(policies, compaction,
                         ::testing::Values(sync_policy::never, sync_policy::every_second,
                                           sync_policy::always),
                         [](const auto& policy) {
                           switch (policy.param) {
                             case sync_policy::never:
                               return "never";
                             case sync_policy::every_second:
                               return "every_second";
                             default:
                               return "always";
                           }
                         });

/// Compactions whose file is written in several parts.
class large_compaction : public ::testing::Test {
 protected:
  /// Values of up to a third of a MiB, and one of more than a MiB.
  static void fill(test_database& db, int items) {
    db->update([&](transaction& tx) {
      for (int i = 0; i < items; ++i) {
        const auto size = static_cast<std::size_t>(i * 7919 % 350'000);
        tx.set("key " + std::to_string(i), std::string(size, static_cast<char>('a' + i % 26)));
      }
      tx.set("key 1 and more", std::string((std::size_t{1} << 20U) + 1000, '1'));
    });
  }

  /// Returns the calls that a compaction made on its own file.
  std::vector<testing::io_record> calls_of_a_compaction(test_database& db) {
    files_.forget_calls();
    db->compact();
    std::vector<testing::io_record> calls = files_.calls();
    std::erase_if(calls, [](const testing::io_record& call) {
      return call.path.find(".compact-") == std::string::npos;
    });
    return calls;
  }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(large_compaction, writes_from_beginning_to_end_and_lets_no_sync_have_much_to_do) {
  test_database db(files_, clock_);
  fill(db, 250);
  const std::string before = files_.content(path);
  ASSERT_GT(before.size(), std::size_t{36} << 20U);
  std::uint64_t end = 0;
  std::uint64_t synced_end = 0;
  int parts = 0;
  int syncs = 0;
  for (const testing::io_record& call : calls_of_a_compaction(db)) {
    if (call.call == io_call::write) {
      EXPECT_EQ(call.offset, end);
      EXPECT_LE(call.size, std::size_t{5} << 19U);  // a batch of one MiB, and a longer one
      end += call.size;
      ++parts;
    } else if (call.call == io_call::sync) {
      EXPECT_LE(end - synced_end, std::uint64_t{35} << 20U);
      synced_end = end;
      ++syncs;
    }
  }
  EXPECT_GT(parts, 18);
  EXPECT_GT(syncs, 1);
  EXPECT_EQ(files_.content(path).size(), db->stats().file_bytes);
  const pairs expected = contents(*db);
  EXPECT_EQ(files_.synced_content(path), files_.content(path));
  test_database again(*files_.after_power_cut(unsynced_data::dropped), clock_);
  EXPECT_TRUE(contents(*again) == expected);
}

TEST_F(large_compaction, that_fails_at_any_call_removes_its_file_and_says_why) {
  test_database db(files_, clock_, sync_policy::always);
  fill(db, 20);
  const pairs before = contents(*db);
  int writes = 0;
  for (std::uint64_t nth = 1; db->stats().compactions == 0; ++nth) {
    files_.forget_calls();
    files_.fail_nth(nth, EIO);
    const std::error_code code = code_of([&] { db->compact(); });
    files_.heal();
    const std::vector<testing::io_record> calls = files_.calls();
    const auto failed = std::size_t{nth} - 1;
    if (failed < calls.size() && calls[failed].call == io_call::write) {
      EXPECT_EQ(code, std::errc::io_error);
      ++writes;
    }
    for (const unsynced_data what : {unsynced_data::dropped, unsynced_data::kept}) {
      test_database again(*files_.after_power_cut(what), clock_);
      ASSERT_TRUE(contents(*again) == before) << "call " << nth;
    }
    if (code == errc::writes_stopped || code_of([&] { db->set("a", "1"); }) == errc::writes_stopped)
      break;
    db->erase("a");
    ASSERT_TRUE(contents(*db) == before) << "call " << nth;
    ASSERT_EQ(files_.paths(), std::vector<std::string>{path}) << "call " << nth;
  }
  EXPECT_GT(writes, 2);
}

TEST_F(large_compaction, is_given_up_after_the_part_during_which_a_sync_of_the_database_failed) {
  test_database db(files_, clock_);
  fill(db, 20);
  int parts = 0;
  files_.watch([&](const testing::io_record& call) {
    if (call.call != io_call::write || call.path.find(".compact-") == std::string::npos) return;
    if (++parts != 1) return;
    files_.fail_nth(1, EIO, io_call::sync);
    EXPECT_NE(code_of([&] { db->sync(); }), std::error_code());
  });
  EXPECT_EQ(code_of([&] { db->compact(); }), errc::writes_stopped);
  files_.watch({});
  EXPECT_EQ(parts, 1);
  EXPECT_EQ(files_.paths(), std::vector<std::string>{path});
}

TEST_F(large_compaction, says_that_the_new_file_is_in_place_when_only_its_name_is_not_on_the_disk) {
  test_database db(files_, clock_);
  fill(db, 20);
  const std::uint64_t before = files_.status(path)->inode;
  files_.fail_nth(1, EIO, io_call::sync_folder);
  EXPECT_EQ(code_of([&] { db->compact(); }), errc::name_not_durable);
  EXPECT_NE(files_.status(path)->inode, before);
  EXPECT_EQ(code_of([&] { db->set("a", "1"); }), errc::writes_stopped);
}

TEST_F(large_compaction, keeps_every_item_of_trees_of_any_size) {
  // Items are prefetched some items before they are written: neither the first nor the last ones
  // may be lost.
  for (const int size : {1, 2, 8, 9, 15, 16, 17, 18, 31, 32, 33, 63, 64, 65, 129, 5000}) {
    memory_file_system files;
    test_database db(files, clock_);
    db->update([&](transaction& tx) {
      for (int i = 0; i < size; ++i) {
        const std::string key = std::to_string(i * 7919 % 5003);
        tx.set(key, std::string(key.size() * static_cast<std::size_t>(i % 90), 'v'));
      }
    });
    const pairs before = contents(*db);
    ASSERT_EQ(before.size(), static_cast<std::size_t>(size));
    db->compact();
    test_database again(*files.after_power_cut(unsynced_data::dropped), clock_);
    ASSERT_EQ(contents(*again), before);
  }
}

class automatic_compaction : public ::testing::Test {
 protected:
  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(automatic_compaction, keeps_a_file_that_is_saved_to_again_and_again_bounded) {
  test_database db(files_, clock_);
  db->change([](settings& to) { to.compaction.at_least_bytes = 100'000; });
  std::uint64_t largest = 0;
  for (int i = 0; i < 20'000; ++i) {
    db->set("session " + std::to_string(i % 50), std::string(200, 'v'));
    db.engine().compactor().compact_if_due();
    largest = std::max(largest, db->stats().file_bytes);
  }
  EXPECT_LT(largest, 101'000U);
  EXPECT_GT(db->stats().compactions, 10U);
}

TEST_F(automatic_compaction, of_a_program_that_runs_briefly_happens_at_close_and_at_open) {
  const options mine{.compaction = {.at_least_bytes = 50'000}};
  const auto open = [&] {
    return engine::database_access::open(files_, path, mine, /*with_threads=*/false);
  };
  const auto run = [&](const close_options& how) {
    database db = open();
    EXPECT_FALSE(db.stats().compaction_due);
    for (int i = 0; i < 100; ++i)
      db.set(std::to_string(i % 10), std::string(1000, 'v'));
    EXPECT_TRUE(db.stats().compaction_due);
    db.close(how);
    return files_.status(path)->size;
  };
  EXPECT_LT(run({}), 20'000U);
  EXPECT_GT(run({.may_compact = false}), 100'000U);
  database db = open();
  EXPECT_EQ(db.stats().compactions, 1U);
  EXPECT_LT(files_.status(path)->size, 20'000U);
}

TEST_F(automatic_compaction, happens_only_when_the_file_is_large_and_mostly_dead) {
  test_database db(files_, clock_);
  db->change([](settings& to) { to.compaction.at_least_bytes = 50'000; });
  for (int i = 0; i < 300; ++i)
    db->set(std::to_string(i), std::string(200, 'v'));
  db.engine().compactor().compact_if_due();  // large, but alive
  EXPECT_EQ(db->stats().compactions, 0U);
  db->change([](settings& to) {
    to.compaction.automatic = false;
    to.compaction.at_least_bytes = 1;
  });
  for (int i = 0; i < 1000; ++i)
    db->set(std::to_string(i % 300), std::string(200, 'w'));
  db.engine().compactor().compact_if_due();  // switched off
  EXPECT_EQ(db->stats().compactions, 0U);
  db->change([](settings& to) {
    to.compaction.automatic = true;
    to.compaction.growth = 100.0;
  });
  db.engine().compactor().compact_if_due();  // not enough dead bytes
  EXPECT_EQ(db->stats().compactions, 0U);
  db->change([](settings& to) { to.compaction.growth = 2.0; });
  db.engine().compactor().compact_if_due();
  EXPECT_EQ(db->stats().compactions, 1U);
}

TEST_F(automatic_compaction, waits_after_a_failure_and_reports_it) {
  test_database db(files_, clock_);
  db->change([](settings& to) { to.compaction.at_least_bytes = 1; });
  for (int i = 0; i < 100; ++i)
    db->set("a", std::string(200, 'v'));
  files_.fail_nth(1, ENOSPC, io_call::open);
  db.engine().compactor().compact_if_due();
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::compaction_failed);
  EXPECT_EQ(db.events()[0].code, std::errc::no_space_on_device);
  db.engine().compactor().compact_if_due();  // not immediately again
  EXPECT_EQ(db->stats().compactions, 0U);
  db->compact();  // explicitly, at any time
  EXPECT_EQ(db->stats().compactions, 1U);
}

TEST_F(automatic_compaction, that_fills_the_disk_gives_the_room_back_and_waits) {
  test_database db(files_, clock_);
  db->change([](settings& to) {
    to.compaction.growth = 1.1;
    to.compaction.at_least_bytes = 1;
  });
  for (int i = 0; i < 100; ++i)
    db->set(std::to_string(i % 50), std::string(2000, 'v'));
  files_.set_capacity(files_.content(path).size() + 50'000);  // half of what it needs
  db.engine().compactor().compact_if_due();
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::compaction_failed);
  EXPECT_EQ(db.events()[0].code, std::errc::no_space_on_device);
  EXPECT_EQ(files_.paths(), std::vector<std::string>{path});
  db->set("a", std::string(40'000, 'v'));  // writers have the room
  files_.forget_calls();
  for (int i = 0; i < 10; ++i)
    db.engine().compactor().compact_if_due();
  EXPECT_EQ(files_.count(io_call::open), 0U);  // not tried again
  files_.set_capacity({});
  db->compact();
  EXPECT_EQ(db->stats().items, 51U);
}

TEST_F(automatic_compaction, settings_change_one_by_one) {
  test_database db(files_, clock_, sync_policy::never);
  db->change([](settings& to) { to.sync = sync_policy::always; });
  EXPECT_EQ(db->current_settings().sync, sync_policy::always);
  EXPECT_EQ(db->current_settings().compaction.growth, 2.0);
  EXPECT_EQ(db->current_settings().compaction.at_least_bytes, std::uint64_t{32} << 20U);
  db->change([](settings& to) { to.compaction.growth = 3.0; });
  EXPECT_EQ(db->current_settings().sync, sync_policy::always);
  EXPECT_EQ(code_of([&] {
              db->change([](settings& to) {
                to.sync = sync_policy::never;
                to.compaction.growth = 1.0;
              });
            }),
            errc::invalid_argument);
  EXPECT_EQ(db->current_settings().sync, sync_policy::always);
  db->set("a", "1");
  EXPECT_EQ(files_.synced_content(path).size(), files_.content(path).size());
  db->change([](settings& to) { to.sync = sync_policy::never; });
  db->set("a", "2");
  EXPECT_LT(files_.synced_content(path).size(), files_.content(path).size());
}

}  // namespace
}  // namespace buntdb
