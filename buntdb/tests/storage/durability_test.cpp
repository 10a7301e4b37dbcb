#include <cerrno>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
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

class durability : public ::testing::Test {
 protected:
  /// Returns the content of a database opened on this disk.
  pairs reopened(memory_file_system& files) {
    test_database db(files, clock_);
    return contents(*db);
  }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(durability, a_reopened_database_holds_what_was_committed) {
  {
    test_database db(files_, clock_);
    db->set("a", "1");
    db->update([](transaction& tx) {
      tx.set("b", "2");
      tx.set("c", "3");
      tx.erase("b");
      tx.set("c", "4");
    });
    db->set("d", "5");
    db->erase("a");
    EXPECT_THROW(db->update([](transaction& tx) {
      tx.set("d", "never");
      throw std::runtime_error("no");
    }),
                 std::runtime_error);
  }
  EXPECT_EQ(reopened(files_), (pairs{{"c", "4"}, {"d", "5"}}));
}

TEST_F(durability, a_commit_has_been_written_before_it_returns_under_every_policy) {
  for (const sync_policy policy :
       {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
    memory_file_system files;
    test_database db(files, clock_, policy);
    db->set("a", "1");
    // The process is killed: what was written is there, synced or not.
    const auto killed = files.after_power_cut(unsynced_data::kept);
    EXPECT_EQ(reopened(*killed), (pairs{{"a", "1"}}));
  }
}

TEST_F(durability, always_loses_no_commit_that_returned_to_a_power_cut) {
  test_database db(files_, clock_, sync_policy::always);
  for (int i = 0; i < 20; ++i) {
    db->set("n", std::to_string(i));
    const auto cut = files_.after_power_cut(unsynced_data::dropped);
    EXPECT_EQ(reopened(*cut), (pairs{{"n", std::to_string(i)}}));
  }
}

TEST_F(durability, sync_and_close_put_everything_on_disk_under_every_policy) {
  for (const sync_policy policy : {sync_policy::never, sync_policy::every_second}) {
    memory_file_system files;
    {
      test_database db(files, clock_, policy);
      db->set("a", "1");
      EXPECT_EQ(reopened(*files.after_power_cut(unsynced_data::dropped)), pairs{});
      db->sync();
      EXPECT_EQ(reopened(*files.after_power_cut(unsynced_data::dropped)), (pairs{{"a", "1"}}));
      db->set("b", "2");
    }
    EXPECT_EQ(reopened(*files.after_power_cut(unsynced_data::dropped)),
              (pairs{{"a", "1"}, {"b", "2"}}));
  }
}

TEST_F(durability, a_transaction_is_never_halved) {
  test_database db(files_, clock_);
  db->set("n", "0");
  const std::string before = files_.content(path);
  db->update([](transaction& tx) {
    for (int i = 0; i < 20; ++i)
      tx.set("key " + std::to_string(i), std::string(100, 'v'));
    tx.set("n", "1");
  });
  const std::string after = files_.content(path);
  for (std::size_t size = before.size(); size <= after.size(); ++size) {
    memory_file_system torn;
    torn.put(path, std::string_view(after).substr(0, size));
    test_database opened(torn, clock_);
    const bool whole = size == after.size();
    ASSERT_EQ(opened->get("n"), whole ? "1" : "0") << size;
    ASSERT_EQ(opened->stats().items, whole ? 21U : 1U);
    ASSERT_EQ(opened->stats().recovered_bytes, whole ? 0U : size - before.size());
    if (!whole && size != before.size()) {
      ASSERT_EQ(opened.events().size(), 1U);
      ASSERT_EQ(opened.events()[0].kind, event_kind::recovered);
      ASSERT_EQ(torn.content(opened->stats().recovered_to),
                after.substr(before.size(), size - before.size()));
    }
  }
}

TEST_F(durability, what_is_set_and_erased_again_leaves_no_trace_in_the_file) {
  test_database db(files_, clock_);
  db->set("a", "1");
  const std::string before = files_.content(path);
  db->update([](transaction& tx) {
    tx.set("b", "2");
    tx.erase("b");
  });
  db->update([](transaction&) {});
  EXPECT_EQ(files_.content(path), before);
}

TEST_F(durability, a_short_write_is_completed) {
  test_database db(files_, clock_);
  files_.limit_writes(7);
  db->set("a", "1");
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)), (pairs{{"a", "1"}}));
}

TEST_F(durability, a_full_disk_fails_the_commit_and_nothing_else) {
  test_database db(files_, clock_);
  db->set("a", "1");
  const std::string before = files_.content(path);
  files_.set_capacity(before.size() + 50);
  EXPECT_EQ(code_of([&] { db->set("a", "2"); }), std::errc::no_space_on_device);
  EXPECT_EQ(files_.content(path), before);  // what had been written of it was cut off
  EXPECT_EQ(db->get("a"), "1");
  files_.set_capacity(std::nullopt);
  files_.forget_calls();
  db->set("a", "3");
  // The cut is on disk before anything is written after it.
  ASSERT_GE(files_.calls().size(), 2U);
  EXPECT_EQ(files_.calls()[0].call, io_call::sync);
  EXPECT_EQ(files_.calls()[1].call, io_call::write);
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)), (pairs{{"a", "3"}}));
}

TEST_F(durability, a_failed_write_that_cannot_be_cut_off_stops_all_writing) {
  test_database db(files_, clock_);
  db->set("a", "1");
  files_.fail_all(io_call::write, EIO);
  files_.fail_all(io_call::truncate, EIO);
  EXPECT_EQ(code_of([&] { db->set("a", "2"); }), std::errc::io_error);
  files_.heal();
  EXPECT_EQ(code_of([&] { db->set("a", "3"); }), errc::writes_stopped);
  EXPECT_EQ(db->get("a"), "1");
}

TEST_F(durability, a_failed_sync_is_final) {
  test_database db(files_, clock_, sync_policy::always);
  db->set("a", "1");
  files_.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { db->set("a", "2"); }), errc::writes_stopped);
  EXPECT_EQ(db->get("a"), "1");  // not visible, because it is not known to be durable
  EXPECT_EQ(code_of([&] { db->set("b", "1"); }), errc::writes_stopped);
  EXPECT_EQ(code_of([&] { db->sync(); }), errc::writes_stopped);
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::sync_failed);
  EXPECT_EQ(db.events()[0].code, std::errc::io_error);
  EXPECT_EQ(code_of([&] { db->close(); }), errc::writes_stopped);
}

TEST_F(durability, a_failed_sync_of_a_cut_tail_is_final_too) {
  std::string original;
  log::append_set(original, "a", "1");
  files_.put(path, original + std::string(100, '\0'));
  test_database db(files_, clock_);
  files_.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { db->set("b", "2"); }), std::errc::io_error);
  EXPECT_EQ(code_of([&] { db->set("b", "2"); }), errc::writes_stopped);
  EXPECT_EQ(contents(*db), (pairs{{"a", "1"}}));
}

// If the seal does not fit after the NULs have been cut off, the file is smaller than at the open.
// This must not be mistaken for a cut by another program.
TEST_F(durability, a_cut_tail_is_no_loss_when_the_first_seal_does_not_fit) {
  std::string original;
  log::append_set(original, "a", "1");
  files_.put(path, original + std::string(100, '\0'));
  test_database db(files_, clock_, sync_policy::always);
  files_.fail_nth(1, ENOSPC, io_call::write);
  EXPECT_EQ(code_of([&] { db->set("b", "2"); }), std::errc::no_space_on_device);
  db->set("b", "2");
  EXPECT_EQ(contents(*db), (pairs{{"a", "1"}, {"b", "2"}}));
}

TEST_F(durability, a_failed_sync_in_the_background_stops_writing_and_is_reported) {
  test_database db(files_, clock_);
  db->set("a", "1");
  files_.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { db->sync(); }), errc::writes_stopped);
  EXPECT_EQ(code_of([&] { db->set("b", "1"); }), errc::writes_stopped);
  EXPECT_EQ(db->get("a"), "1");
}

TEST_F(durability, close_and_sync_tell_of_a_sync_that_failed_earlier) {
  test_database db(files_, clock_);
  db->set("a", "1");
  files_.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { db->sync(); }), errc::writes_stopped);
  EXPECT_EQ(code_of([&] { db->sync(); }), errc::writes_stopped);
  try {
    db->close();
    FAIL() << "nothing was thrown";
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), errc::writes_stopped);
    EXPECT_NE(std::string(failure.what()).find("may be lost"), std::string::npos) << failure.what();
  }
  EXPECT_EQ(code_of([&] { db->set("a", "1"); }), errc::closed);
}

TEST_F(durability, the_destructor_reports_what_close_would_have_thrown) {
  std::vector<event> events;
  {
    database db = engine::database_access::open(
        files_, path, {.on_event = [&](const event& one) { events.push_back(one); }},
        /*with_threads=*/false);
    db.set("a", "1");
    files_.fail_nth(1, EIO, io_call::sync);
    EXPECT_EQ(code_of([&] { db.sync(); }), errc::writes_stopped);
  }
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].kind, event_kind::close_failed);
}

TEST_F(durability, close_tells_of_a_sync_that_fails) {
  test_database db(files_, clock_);
  db->set("a", "1");
  files_.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { db->close(); }), errc::writes_stopped);
  EXPECT_EQ(code_of([&] { db->set("a", "1"); }), errc::closed);
  test_database again(files_, clock_);  // the lock was released
  EXPECT_EQ(again->get("a"), "1");
}

TEST_F(durability, concurrent_commits_share_a_sync_and_all_survive) {
  test_database db(files_, clock_, sync_policy::always);
  constexpr int threads = 8;
  constexpr int commits = 100;
  std::vector<std::future<void>> writers;
  writers.reserve(threads);
  for (int t = 0; t < threads; ++t) {
    writers.push_back(std::async(std::launch::async, [&, t] {
      for (int i = 0; i < commits; ++i) {
        const std::string key = std::to_string(t) + ":" + std::to_string(i);
        db->set(key, "v");
        ASSERT_TRUE(db->get(key));  // visible when it returns
      }
    }));
  }
  for (auto& writer : writers)
    writer.get();
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::dropped)).size(),
            std::size_t{threads} * commits);
}

TEST_F(durability, the_background_syncs_and_then_seals_what_nobody_wrote_to_since) {
  test_database db(files_, clock_);
  db->set("a", "1");
  db->sync();
  const std::uint64_t size = files_.content(path).size();
  db.engine().maintenance().sync_if_due();
  EXPECT_EQ(files_.content(path).size(), size + 63);
  db.engine().maintenance().sync_if_due();  // one is enough
  EXPECT_EQ(files_.content(path).size(), size + 63);
  db->set("b", "2");
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::kept)),
            (pairs{{"a", "1"}, {"b", "2"}}));
}

// The seal of an idle file must be synced by close(): otherwise a power cut after a clean close
// would leave a torn end.
TEST_F(durability, a_closed_database_is_on_disk_to_its_last_byte) {
  for (const sync_policy policy :
       {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
    memory_file_system files;
    {
      test_database db(files, clock_, policy);
      db->set("a", "1");
      db->sync();
      db.engine().maintenance().sync_if_due();
    }
    EXPECT_EQ(files.synced_content(path), files.content(path));
    test_database again(files, clock_);
    EXPECT_EQ(again.events().size(), 0U);
  }
}

}  // namespace
}  // namespace buntdb
