#include "memory/chunk_supply.hpp"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include "memory/pool.hpp"
#include "memory/with_pool.hpp"

namespace buntdb::engine {
namespace {

constexpr std::uint64_t expected_bytes = 2 * chunk_supply::worthwhile_bytes;
constexpr std::uint64_t expected_chunks = expected_bytes / chunk::size;

bool is_all(const void* chunk, char byte) {
  const char* bytes = static_cast<const char*>(chunk);
  return std::all_of(bytes, bytes + chunk::size, [byte](char one) { return one == byte; });
}

class chunk_supply_test : public ::testing::TestWithParam<chunk::pages> {
 protected:
  const with_pool pool_is_on_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(pages, chunk_supply_test,
                         ::testing::Values(chunk::pages::huge, chunk::pages::small));

TEST_P(chunk_supply_test, gives_aligned_zeros_also_beyond_what_was_expected) {
  pool memory;
  chunk_supply supply(memory, expected_bytes);
  std::set<void*> taken;
  for (std::uint64_t i = 0; i < 2 * expected_chunks; ++i) {
    void* const one = supply.take().chunk;
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(one) % chunk::size, 0U);
    ASSERT_TRUE(is_all(one, '\0'));
    std::memset(one, 'x', chunk::size);
    ASSERT_TRUE(taken.insert(one).second);
    // One may have been under way when the pool did not wait for it.
    ASSERT_LE(supply.made(), std::max(expected_chunks, taken.size() + 1));
    ASSERT_LE(supply.made(), taken.size() + chunk_supply::max_ready);
  }
  for (void* one : taken)
    chunk::unmap(one);
}

TEST_P(chunk_supply_test, makes_nothing_for_little_or_for_no_pool) {
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

TEST_P(chunk_supply_test, a_pool_takes_from_it_as_long_as_it_lives) {
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
  // (If huge ones are tried first, it depends on the machine.)
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

/// Returns whether make_huge() can have an effect here: on Linux since 6.1, unless huge pages are
/// turned off.
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

/// Returns how many KiB of the mapping at an address are in huge pages, as the system reports it.
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

TEST(chunk, becomes_huge_while_others_read_it) {
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
  // Harmless, and the system may have no page at the moment.
  for (int again = 0; again < 9; ++again)
    huge = chunk::make_huge(one) || huge;
  done = true;
  reader.join();
  EXPECT_TRUE(same);
  EXPECT_TRUE(is_all(one, 'x'));
  EXPECT_EQ(huge, has_huge_pages());
  // If it is not, khugepaged may have made it so: after idling it runs immediately.
  if (huge) {
    EXPECT_GE(huge_kib_around(one), chunk::size / 1024);
  }
  chunk::unmap(one);
}

}  // namespace
}  // namespace buntdb::engine
