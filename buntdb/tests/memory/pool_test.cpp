#include "memory/pool.hpp"

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace buntdb::engine
