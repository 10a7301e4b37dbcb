#include "memory/pool.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "memory/with_pool.hpp"

namespace buntdb::engine {
namespace {

TEST(pool, gives_blocks_that_do_not_overlap_and_counts_them) {
  pool memory;
  std::mt19937 random(11);
  struct block {
    unsigned char* bytes;
    std::size_t size;
    unsigned char mark;
  };
  std::vector<block> out;
  std::uint64_t bytes = 0;
  for (int step = 0; step < 60'000; ++step) {
    // Grows, then shrinks, then grows with other sizes.
    const bool grow = (step / 20'000) % 2 == 0;
    if (out.empty() || (random() % 3 != 0) == grow) {
      const std::size_t size = random() % (step % 50 == 0 ? 20'000 : step < 40'000 ? 300 : 2000);
      block made{static_cast<unsigned char*>(memory.allocate(size)), size,
                 static_cast<unsigned char>(random())};
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(made.bytes) % 8, 0U);
      std::memset(made.bytes, made.mark, size);
      out.push_back(made);
      bytes += size;
    } else {
      std::swap(out[random() % out.size()], out.back());
      const block gone = out.back();
      out.pop_back();
      for (std::size_t i = 0; i < gone.size; ++i)
        ASSERT_EQ(gone.bytes[i], gone.mark);
      memory.deallocate(gone.bytes, gone.size);
      bytes -= gone.size;
    }
    ASSERT_EQ(memory.blocks(), out.size());
    ASSERT_EQ(memory.bytes(), bytes);
  }
  for (const block& gone : out)
    memory.deallocate(gone.bytes, gone.size);
  EXPECT_EQ(memory.blocks(), 0U);
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(pool, takes_every_size) {
  pool memory;
  for (std::size_t size = 0; size < 5000; ++size) {
    void* block = memory.allocate(size);
    std::memset(block, 0x5a, size);
    memory.deallocate(block, size);
  }
  EXPECT_EQ(memory.blocks(), 0U);
}

TEST(pool, uses_what_one_size_gave_back_for_another) {
  pool memory;
  const auto fill_and_empty = [&](std::size_t size) {
    std::vector<void*> blocks(20'000);
    for (void*& block : blocks)
      block = memory.allocate(size);
    for (void* block : blocks)
      memory.deallocate(block, size);
  };
  fill_and_empty(256);
  const std::uint64_t reserved = memory.reserved_bytes();
  for (const std::size_t size : {8U, 40U, 256U, 250U, 100U})
    fill_and_empty(size);
  EXPECT_EQ(memory.reserved_bytes(), reserved);
}

TEST(pool, gives_back_what_is_empty) {
  const with_pool pooling;
  pool memory;
  std::vector<void*> blocks(200'000);
  for (void*& block : blocks)
    block = memory.allocate(256);
  const std::uint64_t peak = memory.reserved_bytes();
  EXPECT_EQ(memory.trim(1000), 0U);
  for (void* block : blocks)
    memory.deallocate(block, 256);
  EXPECT_EQ(memory.trim(3), 3U);
  while (memory.trim(3) != 0) {
  }
  EXPECT_LT(memory.reserved_bytes(), peak / 4);
  for (void*& block : blocks) {
    block = memory.allocate(100);
    std::memset(block, 0x5a, 100);
  }
  for (void* block : blocks)
    memory.deallocate(block, 100);
  EXPECT_EQ(memory.blocks(), 0U);
}

TEST(pool, uses_the_room_that_larger_blocks_have_left) {
  // Rounds of blocks of one size, of which one in 40 stays.
  constexpr int rounds = 60;
  constexpr int blocks_in_round = 5'000;
  const with_pool pooling;
  pool memory;
  std::mt19937 random(5);
  std::vector<std::pair<void*, std::size_t>> kept;
  std::uint64_t largest_round = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t size = 64 + random() % 4000;
    largest_round = std::max<std::uint64_t>(largest_round, size * blocks_in_round);
    std::vector<void*> blocks(blocks_in_round);
    for (void*& block : blocks) {
      block = memory.allocate(size);
      std::memset(block, 0x5a, size);
    }
    for (int i = 0; i < blocks_in_round; ++i) {
      if (i % 40 == 0) {
        kept.emplace_back(blocks[static_cast<std::size_t>(i)], size);
      } else {
        memory.deallocate(blocks[static_cast<std::size_t>(i)], size);
      }
    }
  }
  // 400 MB without that: what each round has had, but for a few of the same class.
  EXPECT_LT(memory.reserved_bytes(), 8 * largest_round);
  for (const auto& [block, size] : kept)
    memory.deallocate(block, size);
  EXPECT_EQ(memory.blocks(), 0U);
}

}  // namespace
}  // namespace buntdb::engine
