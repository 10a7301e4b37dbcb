// The memory that a large open gets ready ahead, and such opens.

#include "memory/chunk_supply.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jsonl.hpp"
#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "memory/pool.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb::engine {
namespace {

using testing::io_call;
using testing::test_database;

constexpr std::uint64_t expected_bytes = 2 * chunk_supply::worthwhile_bytes;
constexpr std::uint64_t expected_chunks = expected_bytes / chunk::size;

bool is_all(const void* chunk, char byte) {
  const char* bytes = static_cast<const char*>(chunk);
  return std::all_of(bytes, bytes + chunk::size, [byte](char one) { return one == byte; });
}

/// With the pool, also where the sanitizer has turned it off.
class with_pool {
 public:
  explicit with_pool(chunk::pages pages = chunk::pages::huge) {
    pool::pool_by_default = true;
    chunk_supply::pages_by_default = pages;
  }
  with_pool(const with_pool&) = delete;
  with_pool& operator=(const with_pool&) = delete;
  ~with_pool() {
    pool::pool_by_default = before_;
    chunk_supply::pages_by_default = chunk::pages::huge;
  }

 private:
  const bool before_ = pool::pool_by_default;
};

class ChunkSupply : public ::testing::TestWithParam<chunk::pages> {
 protected:
  const with_pool pool_is_on_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Pages, ChunkSupply,
                         ::testing::Values(chunk::pages::huge, chunk::pages::small));

TEST_P(ChunkSupply, gives_aligned_zeros_also_beyond_what_was_expected) {
  pool memory;
  chunk_supply supply(memory, expected_bytes);
  std::set<void*> taken;
  for (std::uint64_t i = 0; i < 2 * expected_chunks; ++i) {
    void* const one = supply.take().chunk;
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(one) % chunk::size, 0U);
    ASSERT_TRUE(is_all(one, '\0'));
    std::memset(one, 'x', chunk::size);
    ASSERT_TRUE(taken.insert(one).second);
    // One may have been under way when this one was not waited for.
    ASSERT_LE(supply.made(), std::max(expected_chunks, taken.size() + 1));
    ASSERT_LE(supply.made(), taken.size() + chunk_supply::max_ready);
  }
  for (void* one : taken)
    chunk::unmap(one);
}

TEST_P(ChunkSupply, makes_nothing_for_little_or_for_no_pool) {
  pool memory;
  const chunk_supply little(memory, chunk_supply::worthwhile_bytes - 1);
  pool::pool_by_default = false;
  pool no_pool;
  chunk_supply for_none(no_pool, expected_bytes);
  std::vector<std::pair<void*, void*>> blocks(2 * expected_bytes / 4000);
  for (auto& [one, other] : blocks) {
    one = memory.allocate(4000);
    other = no_pool.allocate(4000);
  }
  EXPECT_EQ(little.made(), 0U);
  EXPECT_EQ(for_none.made(), 0U);
  for (const auto& [one, other] : blocks) {
    memory.deallocate(one, 4000);
    no_pool.deallocate(other, 4000);
  }
}

TEST_P(ChunkSupply, a_pool_takes_from_it_as_long_as_it_lives) {
  pool memory;
  std::vector<void*> blocks;
  const auto fill = [&](std::uint64_t bytes) {
    for (; bytes >= 4000; bytes -= 4000) {
      blocks.push_back(memory.allocate(4000));
      std::memset(blocks.back(), static_cast<int>(blocks.size() % 251), 4000);
    }
  };
  {
    chunk_supply supply(memory, expected_bytes);
    fill(expected_bytes + 5 * chunk::size);
    EXPECT_GE(supply.made(), expected_chunks + 3);
  }
  const std::vector<void*> small = memory.take_small_chunks();
  // (Where huge ones are tried first it depends on the machine.)
  if (GetParam() == chunk::pages::small) {
    EXPECT_GE(small.size(), expected_chunks + 3);
  }
  EXPECT_EQ(std::set<void*>(small.begin(), small.end()).size(), small.size());
  fill(3 * chunk::size);
  EXPECT_TRUE(memory.take_small_chunks().empty());
  for (void* one : small)
    chunk::make_huge(one);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ASSERT_EQ(*static_cast<unsigned char*>(blocks[i]), (i + 1) % 251);
    memory.deallocate(blocks[i], 4000);
  }
}

/// Whether make_huge() can do anything here: since Linux 6.1, unless they are turned off.
bool has_huge_pages() {
  utsname system{};
  ::uname(&system);
  unsigned major = 0;
  unsigned minor = 0;
  std::sscanf(system.release, "%u.%u", &major, &minor);
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  const std::string enabled(std::istreambuf_iterator<char>(file), {});
  return std::pair(major, minor) >= std::pair(6U, 1U) && !enabled.empty() &&
         enabled.find("[never]") == std::string::npos;
}

/// How much of the mapping that an address lies in is in huge pages, in KiB, as the system says.
std::size_t huge_kib_around(const void* place) {
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  std::ifstream mappings("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(mappings, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::size_t kib = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR, &begin, &end) == 2) {
      here = begin <= address && address < end;
    } else if (here && std::sscanf(line.c_str(), "AnonHugePages: %zu", &kib) == 1) {
      return kib;
    }
  }
  return 0;
}

TEST(Chunk, becomes_huge_while_others_read_it) {
  void* const one = chunk::map();
  chunk::prefer(one, chunk::pages::small);
  chunk::populate(one);
  std::memset(one, 'x', chunk::size);
  ASSERT_EQ(huge_kib_around(one), 0U);
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  bool same = true;
  std::thread reader([&] {
    while (!done || rounds == 0) {
      same = same && is_all(one, 'x');
      ++rounds;
    }
  });
  while (rounds == 0)
    std::this_thread::yield();
  bool huge = chunk::make_huge(one);
  for (int again = 0; again < 9; ++again)  // harmless, and the system may have no page just now
    huge = chunk::make_huge(one) || huge;
  done = true;
  reader.join();
  EXPECT_TRUE(same);
  EXPECT_TRUE(is_all(one, 'x'));
  EXPECT_EQ(huge, has_huge_pages());
  // If it is not, the system's khugepaged may have made it so: having idled, it comes at once.
  if (huge) {
    EXPECT_GE(huge_kib_around(one), chunk::size / 1024);
  }
  chunk::unmap(one);
}

/// Opens of files that are large enough for a thread.
class LargeOpen : public ::testing::Test {
 protected:
  static constexpr unsigned items = 12'000;
  static constexpr const char* path = test_database::path;

  static std::string key(unsigned number) {
    std::string text = std::to_string(number);
    return "key:" + std::string(6 - text.size(), '0') + text;
  }
  static std::string value(unsigned number) { return std::string(900, char('a' + number % 26)); }

  /// In this order, 100 in a batch.
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

  /// The first so many of ascending().
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

TEST_F(LargeOpen, finds_what_the_file_says_in_whatever_order) {
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
    db->set("one more", "1");  // the pool goes on without the supply
  }
  const bool before = std::exchange(pool::pool_by_default, false);
  test_database alone(files_, clock_);
  pool::pool_by_default = before;
  EXPECT_EQ(alone->get("one more"), "1");
  alone->erase("one more");
  expect_items(*alone, items);
}

TEST_F(LargeOpen, makes_small_pages_huge_afterwards) {
  const with_pool small(chunk::pages::small);
  files_.put(path, file_of(ascending()).bytes());
  test_database db(files_, clock_);
  unsigned made = 0;
  while (const unsigned step = db.engine().maintenance().converter().step())
    made += step;
  EXPECT_GE(made, 4U);
  expect_items(*db, items);
}

TEST_F(LargeOpen, says_of_damage_what_inspection_says) {
  const testing::log_builder file = file_of(ascending());
  for (const bool synced : {false, true}) {
    std::string bytes = file.bytes();
    const std::size_t batch = bytes.size() / 2;
    bytes[batch] = static_cast<char>(bytes[batch] ^ 1);
    if (synced) {  // a marker behind it says that all had been on disk
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

TEST_F(LargeOpen, fails_with_whichever_call_fails_and_not_the_next_time) {
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

TEST_F(LargeOpen, refuses_a_file_that_is_cut_meanwhile) {
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
/// From no room for a thread's stack to room for all: what an open of the file comes to.
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

TEST_F(LargeOpen, fails_cleanly_where_memory_is_short) {
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
