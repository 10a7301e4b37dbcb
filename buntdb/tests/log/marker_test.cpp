#include "log/marker.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "log/checksum.hpp"
#include "log/format.hpp"
#include "log/parse.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;

constexpr marker example{.at = 0x0102'0304'0506,
                         .number = 7,
                         .length = 300,
                         .synced = 0x0102'0304'0505,
                         .checksum = 0x1122'3344'5566'7788};

std::string written(const marker& value) {
  std::string out(marker_size, '?');
  write_marker(value, out.data());
  return out;
}

TEST(marker, is_a_del_of_one_key_that_the_original_ignores) {
  const std::string bytes = written(example);
  const parsed_command command = parse_command(bytes, window_end::end_of_file);
  EXPECT_EQ(command.status, parse_status::complete);
  EXPECT_EQ(command.kind, command_kind::erase);
  EXPECT_EQ(command.size, marker_size);
  EXPECT_TRUE(is_marker_key(command.key));
}

TEST(marker, has_the_documented_layout) {
  const std::string bytes = written(example);
  EXPECT_EQ(bytes.substr(0, 57),
            "*2\r\n$3\r\ndel\r\n$43\r\n"
            "\0bunt:1"
            "\x06\x05\x04\x03\x02\x01"
            "\x07\0\0\0\0\0"
            "\x2c\x01\0\0\0\0"
            "\x05\x05\x04\x03\x02\x01"
            "\x88\x77\x66\x55\x44\x33\x22\x11"s);
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(0, 57));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(static_cast<unsigned char>(bytes[57 + i]), (sum >> (8 * i)) & 0xffU);
  }
  EXPECT_EQ(bytes.substr(61), "\r\n");
}

TEST(marker, is_read_back_where_it_was_written_and_nowhere_else) {
  const std::string bytes = written(example) + "more";
  EXPECT_EQ(read_marker(bytes, example.at), example);
  EXPECT_EQ(read_marker(bytes, example.at + 1), std::nullopt);
  EXPECT_EQ(read_marker(bytes, 0), std::nullopt);
}

TEST(marker, holds_the_largest_numbers) {
  const marker largest{.at = max_marker_field,
                       .number = max_marker_field,
                       .length = max_marker_field,
                       .synced = max_marker_field,
                       .checksum = UINT64_MAX};
  EXPECT_EQ(read_marker(written(largest), max_marker_field), largest);
}

TEST(marker, says_which_file_it_was_written_to_and_stands_where_it_was_written) {
  for (int i = 0; i < 1000; ++i) {
    marker value = example;
    value.file = new_file_id();
    EXPECT_NE(value.file, 0U);
    EXPECT_LE(value.file, max_marker_field);
    const std::string bytes = written(value);
    EXPECT_EQ(read_marker(bytes, value.at), value);
    for (const std::uint64_t moved : {std::uint64_t{0}, value.at + 1, value.at + 512, 2 * value.at})
      EXPECT_EQ(read_marker(bytes, moved), std::nullopt);
  }
}

TEST(marker, does_not_survive_a_flipped_bit) {
  const std::string bytes = written(example);
  for (std::size_t bit = 0; bit < 8 * marker_size; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(read_marker(flipped, example.at), std::nullopt) << bit;
  }
}

TEST(marker, is_none_when_cut) {
  const std::string bytes = written(example);
  for (std::size_t size = 0; size < marker_size; ++size) {
    EXPECT_EQ(read_marker(bytes.substr(0, size), example.at), std::nullopt);
  }
}

TEST(marker, cannot_vouch_for_what_lies_behind_it) {
  std::string bytes = written(example);
  // A marker of another writer, whose own checksum is correct.
  bytes[format::synced_offset] = '\x07';
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(0, 57));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[format::header_checksum_offset + i] =
        static_cast<char>(static_cast<unsigned char>(sum >> (8 * i)));
  }
  EXPECT_EQ(read_marker(bytes, example.at), std::nullopt);
}

TEST(marker, reserves_the_keys_that_begin_like_it) {
  EXPECT_TRUE(is_reserved_key("\0bunt:"s));
  EXPECT_TRUE(is_reserved_key("\0bunt:1:2"s));
  EXPECT_FALSE(is_reserved_key("\0bunt"s));
  EXPECT_FALSE(is_reserved_key("bunt:"));
  EXPECT_FALSE(is_reserved_key(""));
  EXPECT_TRUE(is_marker_key("\0bunt:"s + std::string(37, 'x')));
  EXPECT_FALSE(is_marker_key("\0bunt:"s + std::string(36, 'x')));
  EXPECT_FALSE(is_marker_key("\0bunt:"s + std::string(38, 'x')));
}

TEST(checksum, is_the_same_in_pieces) {
  std::mt19937 random(1);
  std::string bytes(10'000, '\0');
  for (char& each : bytes)
    each = static_cast<char>(random());
  streaming_checksum sum;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = random() % 700;
    sum.add(std::string_view(bytes).substr(at, size));
    at += size;
  }
  EXPECT_EQ(sum.result(), checksum(bytes));
  EXPECT_EQ(streaming_checksum().result(), checksum({}));
}

TEST(checksum, is_xxh3_with_64_bits) {
  // The value in xxHash's specification for no bytes.
  EXPECT_EQ(checksum({}), 0x2d06800538d394c2U);
}

}  // namespace
}  // namespace buntdb::log
