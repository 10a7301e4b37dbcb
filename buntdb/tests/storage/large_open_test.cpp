#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <new>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jsonl.hpp"
#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "memory/with_pool.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb::engine {
namespace {

using testing::io_call;
using testing::test_database;

/// Opens of files that are large enough for a thread.
class large_open : public ::testing::Test {
 protected:
  static constexpr unsigned items = 12'000;
  static constexpr const char* path = test_database::path;

  static std::string key(unsigned number) {
    std::string text = std::to_string(number);
    return "key:" + std::string(6 - text.size(), '0') + text;
  }
  static std::string value(unsigned number) { return std::string(900, char('a' + number % 26)); }

  /// Makes a file with these items in this order, 100 in a batch.
  static testing::log_builder file_of(const std::vector<unsigned>& numbers) {
    testing::log_builder file;
    for (std::size_t at = 0; at < numbers.size(); at += 100) {
      file.batch([&](std::string& out) {
        for (std::size_t i = at; i < std::min(at + 100, numbers.size()); ++i)
          log::append_set(out, key(numbers[i]), value(numbers[i]));
      });
    }
    EXPECT_GT(file.size(), chunk_supply::worthwhile_bytes);
    return file;
  }
  static std::vector<unsigned> ascending() {
    std::vector<unsigned> numbers(items);
    std::iota(numbers.begin(), numbers.end(), 0U);
    return numbers;
  }

  /// Expects the first `count` items of ascending().
  static void expect_items(database& db, unsigned count) {
    ASSERT_EQ(db.stats().items, count);
    db.view([&](const snapshot& tx) {
      unsigned next = 0;
      for (const auto& [key_found, value_found] : tx.ascend()) {
        ASSERT_EQ(key_found, key(next));
        ASSERT_EQ(value_found, value(next));
        ++next;
      }
      ASSERT_EQ(next, count);
    });
  }

  testing::fake_clock clock_;
  testing::memory_file_system files_;
};

TEST_F(large_open, finds_what_the_file_says_in_whatever_order) {
  std::vector<unsigned> numbers = ascending();
  files_.put(path, file_of(numbers).bytes());
  std::uint64_t blocks = 0;
  {
    test_database db(files_, clock_);
    expect_items(*db, items);
    blocks = db->stats().memory_blocks;
  }
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937(7));
  numbers.insert(numbers.end(), numbers.begin(), numbers.begin() + items / 2);  // overwritten
  files_.put(path, file_of(numbers).bytes());
  {
    test_database db(files_, clock_);
    expect_items(*db, items);
    EXPECT_EQ(db->stats().memory_blocks, blocks);
    db->set("one more", "1");  // the pool works without the supply
  }
  const bool before = std::exchange(pool::pool_by_default, false);
  test_database alone(files_, clock_);
  pool::pool_by_default = before;
  EXPECT_EQ(alone->get("one more"), "1");
  alone->erase("one more");
  expect_items(*alone, items);
}

TEST_F(large_open, makes_small_pages_huge_afterwards) {
  const with_pool small(chunk::pages::small);
  files_.put(path, file_of(ascending()).bytes());
  test_database db(files_, clock_);
  unsigned made = 0;
  while (const unsigned step = db.engine().maintenance().converter().step())
    made += step;
  EXPECT_GE(made, 4U);
  expect_items(*db, items);
}

TEST_F(large_open, says_of_damage_what_inspection_says) {
  const testing::log_builder file = file_of(ascending());
  for (const bool synced : {false, true}) {
    std::string bytes = file.bytes();
    const std::size_t batch = bytes.size() / 2;
    bytes[batch] = static_cast<char>(bytes[batch] ^ 1);
    if (synced) {  // a marker after it says that all of it is on disk
      bytes = file_of(ascending()).synced().seal().bytes();
      bytes[batch] = static_cast<char>(bytes[batch] ^ 1);
    }
    testing::memory_file_system files;
    files.put(path, bytes);
    const log::inspection inspected = log::inspect(*files.open(path, io::open_mode::read_only));
    ASSERT_TRUE(inspected.damage);
    if (synced) {
      try {
        test_database db(files, clock_);
        FAIL() << "it was opened";
      } catch (const error& failure) {
        EXPECT_EQ(failure.code(), errc::corrupt);
        EXPECT_TRUE(std::string_view(failure.what()).starts_with(inspected.damage->reason));
      }
    } else {
      test_database db(files, clock_);
      ASSERT_EQ(db.events().size(), 1U);
      EXPECT_TRUE(db.events()[0].message.starts_with(inspected.damage->reason));
      expect_items(*db, static_cast<unsigned>(inspected.commands));
    }
  }
}

TEST_F(large_open, fails_with_whichever_call_fails_and_not_the_next_time) {
  files_.put(path, file_of(ascending()).bytes());
  for (const io_call call : {io_call::open, io_call::status, io_call::read, io_call::sync}) {
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
      files_.fail_nth(nth, EIO, call);
      const std::error_code code = testing::code_of([&] { test_database db(files_, clock_); });
      if (nth == 1 || code) {
        EXPECT_EQ(code, std::errc::io_error) << static_cast<int>(call);
      }
      files_.heal();
    }
  }
  test_database db(files_, clock_);
  expect_items(*db, items);
}

TEST_F(large_open, refuses_a_file_that_is_cut_meanwhile) {
  const testing::log_builder file = file_of(ascending());
  files_.put(path, file.bytes());
  std::uint64_t reads = 0;
  files_.watch([&](const testing::io_record& call) {
    if (call.call != io_call::read || call.path != path || ++reads != 3) return;
    files_.open(path, io::open_mode::read_write)->truncate(file.size() / 4);
  });
  EXPECT_EQ(testing::code_of([&] { test_database db(files_, clock_); }), errc::corrupt);
  EXPECT_EQ(reads, 3U);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !BUNTDB_HAS_ASAN
#define BUNTDB_CAN_LIMIT_MEMORY 1
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef BUNTDB_CAN_LIMIT_MEMORY
#endif
#endif
#endif

#ifdef BUNTDB_CAN_LIMIT_MEMORY
/// Opens the file with more and more memory, from too little for a thread's stack to enough for
/// everything. Returns 0 if it failed first and then succeeded, and otherwise what was wrong.
int open_with_little_memory(const std::string& path, const std::string& key) {
  bool has_failed = false;
  for (std::uint64_t room = 1U << 20U; room < (128U << 20U); room += 1'500'000) {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0) return 2;
    limit.rlim_cur = pages * static_cast<std::uint64_t>(::getpagesize()) + room;
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 2;
    try {
      const database db = database::open(path);
      if (!db.get(key)) return 3;
      return has_failed ? 0 : 4;
    } catch (const std::bad_alloc&) {
      has_failed = true;
    } catch (const std::system_error& failure) {  // of the background thread
      if (failure.code() != std::errc::resource_unavailable_try_again) return 5;
      has_failed = true;
    }
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 2;
  }
  return 6;
}

TEST_F(large_open, fails_cleanly_where_memory_is_short) {
  const buntstore::testing::temporary_folder folder;
  const std::string file = folder.file("app.db");
  buntstore::testing::write_bytes(file, file_of(ascending()).bytes());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(open_with_little_memory(file, key(items - 1)));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

}  // namespace
}  // namespace buntdb::engine
