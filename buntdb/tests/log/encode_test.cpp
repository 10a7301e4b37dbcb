#include "log/encode.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "log/batch.hpp"
#include "log/checksum.hpp"
#include "log/parse.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;

TEST(encode, writes_what_the_original_writes) {
  std::string out;
  append_set(out, "key", "some value");
  EXPECT_EQ(out, "*3\r\n$3\r\nset\r\n$3\r\nkey\r\n$10\r\nsome value\r\n");
  out.clear();
  append_set_expiring(out, "k", "", 4102444800);
  EXPECT_EQ(out, "*5\r\n$3\r\nset\r\n$1\r\nk\r\n$0\r\n\r\n$2\r\nae\r\n$10\r\n4102444800\r\n");
  out.clear();
  append_del(out, "a\0b"s);
  EXPECT_EQ(out, "*2\r\n$3\r\ndel\r\n$3\r\na\0b\r\n"s);
  out.clear();
  append_flushdb(out);
  EXPECT_EQ(out, "*1\r\n$7\r\nflushdb\r\n");
}

TEST(encode, is_read_back_by_the_parser) {
  for (const std::size_t size : {0U, 1U, 9U, 10U, 99U, 100U, 1000U, 65'535U}) {
    const std::string key(size, 'k');
    const std::string value(3 * size, '\r');
    for (const std::int64_t seconds : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                       std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
      std::string out;
      append_set_expiring(out, key, value, seconds);
      const parsed_command command = parse_command(out, window_end::end_of_file);
      ASSERT_EQ(command.status, parse_status::complete);
      EXPECT_EQ(command.size, out.size());
      EXPECT_EQ(command.key, key);
      EXPECT_EQ(command.value, value);
      EXPECT_EQ(command.seconds, seconds);
    }
  }
}

TEST(encode, grows_a_large_batch_by_doubling) {
  std::string out;
  std::size_t reallocations = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t before = out.capacity();
    append_set(out, "key", "value");
    if (out.capacity() != before) ++reallocations;
  }
  EXPECT_LT(reallocations, 20U);
}

TEST(batch, has_a_marker_that_fits_its_commands) {
  std::string out = "what the buffer held before";
  const std::size_t begin = begin_batch(out);
  append_set(out, "key", "value");
  finish_batch(out, begin, {.at = 1000, .number = 5, .synced = 900});
  const std::string_view batch = std::string_view(out).substr(begin);
  const auto found = read_marker(batch, 1000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 5U);
  EXPECT_EQ(found->synced, 900U);
  EXPECT_EQ(found->length, batch.size() - marker_size);
  EXPECT_EQ(found->checksum, checksum(batch.substr(marker_size)));
}

TEST(batch, is_a_seal_without_commands) {
  std::string out;
  append_seal(out, {.at = 1000, .number = 6, .synced = 1000});
  EXPECT_EQ(out.size(), marker_size);
  const auto found = read_marker(out, 1000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->length, 0U);
  EXPECT_EQ(found->synced, 1000U);
}

}  // namespace
}  // namespace buntdb::log
