// An open that waits for another process (options::lock_timeout), and loads the file meanwhile.

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using buntdb::testing::code_of;
using buntdb::testing::contents;
using buntdb::testing::fake_clock;
using buntdb::testing::io_call;
using buntdb::testing::io_record;
using buntdb::testing::memory_file_system;
using buntdb::testing::test_database;

/// Waits at least as long as the pause between two looks at the file.
constexpr int tries_before_another_look = 40;

class taking_over : public ::testing::Test {
 protected:
  taking_over() {
    files_.set_clock(clock_);
    first_.emplace(files_, clock_);
    for (int i = 0; i < 1000; ++i)
      (*first_)->set("key " + std::to_string(i * 7919 % 1000), "value " + std::to_string(i));
  }

  /// Opens the database after the first one, which does something at each attempt to get the lock,
  /// counted from 1, and closes at the last of them. Returns the content of the new one.
  template <class Step>
  std::vector<std::pair<std::string, std::string>> take_over(int tries, Step step) {
    int count = 0;
    bool inside = false;
    files_.watch([&](const io_record& record) {
      if (record.call != io_call::lock || record.path != test_database::path || inside) return;
      inside = true;
      ++count;
      if (count < tries) step(count);
      if (count == tries) close_first();
      inside = false;
    });
    database second = open();
    files_.watch({});
    EXPECT_EQ(count, tries);
    return contents(second);
  }

  database open(std::chrono::nanoseconds timeout = 20s) {
    return engine::database_access::open(
        files_, test_database::path,
        {.lock_timeout = timeout,
         .on_event = [this](const event& event) { events_.push_back(event.kind); },
         .clock = &clock_},
        false);
  }

  void close_first() {
    expected_ = contents(**first_);
    (*first_)->close({.may_compact = false});
  }

  fake_clock clock_;
  memory_file_system files_;
  std::optional<test_database> first_;
  std::vector<std::pair<std::string, std::string>> expected_;
  std::vector<event_kind> events_;
};

TEST_F(taking_over, waits_until_the_other_has_closed) {
  EXPECT_EQ(take_over(5, [](int) {}), expected_);
}

TEST_F(taking_over, waits_no_longer_than_it_may) {
  EXPECT_EQ(code_of([&] { open(0ms); }), errc::locked);
  EXPECT_EQ(code_of([&] { open(-1s); }), errc::locked);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of([&] { open(50ms); }), errc::locked);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 50ms);
  (*first_)->set("still", "open");
}

TEST_F(taking_over, has_everything_that_was_committed_meanwhile) {
  const auto write = [&](int count) {
    const std::string number = std::to_string(count);
    (*first_)->set("during " + number, number);
    (*first_)->set("key " + number, "again");
    (*first_)->erase("key " + std::to_string(500 + count));
    (*first_)->update([&](transaction& tx) {
      tx.set("batch " + number, number);
      tx.set("ends " + number, number, {.expires_at = clock_.now() + 1h});
    });
  };
  EXPECT_EQ(take_over(3 * tries_before_another_look, write), expected_);
  EXPECT_GT(expected_.size(), 1000U);
}

TEST_F(taking_over, follows_a_file_that_is_compacted_meanwhile) {
  const auto write = [&](int count) {
    (*first_)->set("during " + std::to_string(count), "v");
    if (count % 50 == 25) (*first_)->compact();
  };
  EXPECT_EQ(take_over(3 * tries_before_another_look, write), expected_);
}

TEST_F(taking_over, keeps_the_indexes_that_the_file_keeps) {
  const auto write = [&](int count) {
    if (count == 1) (*first_)->create_index("by value", {.persistent = true});
    (*first_)->set("during " + std::to_string(count), "v");
  };
  take_over(tries_before_another_look, write);
  database second = open(0ms);
  const auto has = [&](std::string_view index) {
    return second.view([&](const snapshot& view) {
      std::size_t items = 0;
      for ([[maybe_unused]] const auto& item : view.ascend(index))
        ++items;
      return items;
    });
  };
  EXPECT_EQ(has("by value"), expected_.size());
}

TEST_F(taking_over, takes_over_from_nobody) {
  close_first();
  database second = open();
  EXPECT_EQ(contents(second), expected_);
  EXPECT_TRUE(events_.empty());
}

TEST_F(taking_over, cuts_what_the_other_has_torn) {
  close_first();
  expected_.emplace_back("whole", "v");
  std::string appended;
  {
    const auto copy = files_.after_kill();
    test_database other(*copy, clock_);
    other->set("whole", "v");
    other->set("z torn", std::string(100, 't'));
    appended =
        copy->content(test_database::path).substr(files_.content(test_database::path).size());
  }
  appended.resize(appended.size() - 30);

  std::unique_ptr<io::file> other = files_.open(test_database::path, io::open_mode::read_write);
  ASSERT_TRUE(other->try_lock());
  const std::uint64_t end = other->status().size;
  int count = 0;
  files_.watch([&](const io_record& record) {
    if (record.call != io_call::lock) return;
    ++count;
    if (count == tries_before_another_look) other->write_at(end, appended);
    if (count == 2 * tries_before_another_look) other.reset();  // as a kill does
  });
  const database second = open();
  files_.watch({});
  EXPECT_THAT(contents(second), ::testing::UnorderedElementsAreArray(expected_));
  EXPECT_THAT(events_, ::testing::ElementsAre(event_kind::recovered));
}

/// A process that sets consecutive numbers, each after the previous one was committed, and reports
/// them, until it is killed.
[[noreturn]] void count_until_killed(const std::string& path, int said, int first) {
  database db = database::open(path);
  for (int number = first;; ++number) {
    db.set(std::to_string(number), std::string(200, 'v'));
    if (::write(said, &number, sizeof number) != sizeof number) ::_exit(1);
  }
}

TEST(taking_over_from_a_process, that_is_killed_keeps_what_it_has_committed) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  int committed = -1;
  for (int round = 0; round < 10; ++round) {
    int said[2];
    ASSERT_EQ(::pipe(said), 0);
    const pid_t child = ::fork();
    if (child == 0) count_until_killed(path, said[1], committed + 1);
    ::close(said[1]);
    int number = -1;
    while (number < committed + 500)
      ASSERT_EQ(::read(said[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
    const pid_t killer = ::fork();
    if (killer == 0) {
      ::usleep(30'000);
      ::kill(child, SIGKILL);
      ::_exit(0);
    }
    const database db = database::open(path, {.lock_timeout = 20s});
    while (::read(said[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
    }
    ::close(said[0]);
    ::waitpid(child, nullptr, 0);
    ::waitpid(killer, nullptr, 0);
    committed = number;
    const auto items = static_cast<int>(db.stats().items);
    EXPECT_GE(items, committed + 1);
    EXPECT_LE(items, committed + 2) << "one may be committed and not be said";
    for (int i = 0; i < items; ++i)
      ASSERT_TRUE(db.find(std::to_string(i))) << i;
    committed = items - 1;
  }
}

}  // namespace
}  // namespace buntdb
