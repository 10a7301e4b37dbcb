#include "memory/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// Blocks of many sizes, of which a few stay allocated. Each call fills its blocks with its own
/// byte.
class left_blocks {
 public:
  /// Allocates this many blocks of one size and frees all but one in 40.
  void take_and_give_back(std::size_t size, std::size_t count) {
    std::vector<void*> blocks(count);
    const auto mark = static_cast<unsigned char>(left_.size());
    for (void*& block : blocks) {
      block = memory_.allocate(size);
      std::memset(block, mark, size);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 40 == 0) {
        left_.push_back({blocks[i], size, mark});
      } else {
        memory_.deallocate(blocks[i], size);
      }
    }
  }

  std::uint64_t reserved_bytes() const { return memory_.reserved_bytes(); }
  std::uint64_t left_bytes() const { return memory_.bytes(); }

  /// Expects that the blocks that stayed are unchanged, and that freeing them returns everything.
  void give_back_all() {
    for (const left_block& left : left_) {
      const auto* bytes = static_cast<const unsigned char*>(left.bytes);
      ASSERT_TRUE(std::all_of(bytes, bytes + left.size,
                              [&](unsigned char byte) { return byte == left.mark; }));
      memory_.deallocate(left.bytes, left.size);
    }
    left_.clear();
    EXPECT_EQ(memory_.blocks(), 0U);
    while (memory_.trim(100) != 0) {
    }
    EXPECT_LT(memory_.reserved_bytes(), std::uint64_t{16} << 20U);
  }

 private:
  struct left_block {
    void* bytes;
    std::size_t size;
    unsigned char mark;
  };

  const with_pool pooling_;
  pool memory_;
  std::vector<left_block> left_;
};

TEST(pool, uses_the_room_that_blocks_of_any_other_size_have_left) {
  constexpr unsigned rounds = 60;
  constexpr std::size_t blocks_in_round = 5'000;
  left_blocks blocks;
  std::mt19937 random(5);
  std::uint64_t largest_round = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::size_t size = 64 + random() % 4000;
    largest_round = std::max<std::uint64_t>(largest_round, size * blocks_in_round);
    blocks.take_and_give_back(size, blocks_in_round);
  }
  // Without that, 400 MB: what each round needed, except for a few blocks of the same class.
  EXPECT_LT(blocks.reserved_bytes(), 3 * largest_round);
  blocks.give_back_all();
}

// Blocks larger than earlier ones fit only where several adjacent blocks are free.
TEST(pool, uses_the_room_that_smaller_blocks_have_left) {
  constexpr std::size_t blocks_in_round = 20'000;
  left_blocks blocks;
  for (std::size_t size = 100; size < 600; size += 8)
    blocks.take_and_give_back(size, blocks_in_round);
  EXPECT_LT(blocks.reserved_bytes(), 2 * (blocks.left_bytes() + 600 * blocks_in_round));
  blocks.give_back_all();
}

TEST(pool, cuts_a_span_anew_again_and_again) {
  left_blocks blocks;
  std::mt19937 random(6);
  for (int round = 0; round < 3'000; ++round)
    blocks.take_and_give_back(1 + random() % 4096, 1 + random() % 400);
  blocks.give_back_all();
}

TEST(free_map, joins_neighbors_into_runs) {
  using run = std::pair<std::size_t, std::size_t>;
  const auto runs_of = [](const std::vector<run>& added) {
    free_map<1024> map;
    for (const auto& [offset, size] : added)
      map.add(offset, size);
    std::vector<run> found;
    map.for_each_run(
        [&](std::size_t offset, std::size_t size) { found.emplace_back(offset, size); });
    return found;
  };
  EXPECT_EQ(runs_of({}), std::vector<run>{});
  EXPECT_EQ(runs_of({{0, 1024}}), (std::vector<run>{{0, 1024}}));
  EXPECT_EQ(runs_of({{504, 16}, {8, 8}, {520, 8}, {1016, 8}}),
            (std::vector<run>{{8, 8}, {504, 24}, {1016, 8}}));
  EXPECT_EQ(runs_of({{0, 512}, {512, 8}, {1008, 8}}), (std::vector<run>{{0, 520}, {1008, 8}}));
}

}  // namespace
}  // namespace buntdb::engine
