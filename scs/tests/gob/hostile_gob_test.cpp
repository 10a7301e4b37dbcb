#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/gob_codec.hpp>

#include "gob/gob_samples.hpp"
#include "gob/output.hpp"

namespace {

const scs::gob_codec hostile_codec;

/// Whether the text is refused. If it is not, it must be possible to write it back.
bool is_refused(std::string_view text) {
  try {
    EXPECT_EQ(hostile_codec.encode(hostile_codec.decode(text)), text);
    return false;
  } catch (const scs::error& refused) {
    EXPECT_EQ(refused.code(), scs::errc::payload_undecodable);
    return true;
  }
}

// The definitions of sample 01.
constexpr std::string_view session_type{
    "\x26\xff\x81\x03\x01\x02\xff\x82\x00\x01\x02\x01\x08"
    "Deadline\x01\xff\x84\x00\x01\x06Values\x01\xff\x86\x00\x00\x00"
    "\x10\xff\x83\x05\x01\x01\x04Time\x01\xff\x84\x00\x00\x00"
    "\x27\xff\x85\x04\x01\x01\x17map[string]interface {}\x01\xff\x86\x00\x01\x0c\x01\x10\x00\x00",
    39 + 17 + 40};

std::string message(std::string_view content) {
  std::string out;
  scs::gob::append_bytes(out, content);
  return out;
}

/// Returns the definition of a type: an id, the number of its kind, and what follows the common
/// part.
std::string definition(std::int64_t id, unsigned kind, std::string_view properties) {
  std::string content;
  scs::gob::append_int(content, -id);
  content += static_cast<char>(kind);
  content += std::string_view{"\x01\x02\xff\x99\x00", 5};  // the common part
  content += properties;
  return message(content.append(2, '\0'));
}

std::string int_text(std::int64_t value) {
  std::string out;
  scs::gob::append_int(out, value);
  return out;
}

/// Returns a session with the key "k", whose value is of the type `id`, which is not a struct.
std::string session_with(std::string_view definitions, std::int64_t id, std::string_view value) {
  std::string interface { "\x01k\x01T" };
  interface += int_text(id);
  interface += std::string_view{"\x01\x00", 2};
  interface += value;
  return std::string{session_type} + std::string{definitions} +
         message(std::string{"\xff\x82\x02\x01"} + interface + '\0');
}

TEST(hostile_gob, is_refused_wherever_it_is_cut) {
  for (const test::gob_sample& sample : test::gob_samples()) {
    for (std::size_t size = 0; size < sample.payload.size(); ++size)
      EXPECT_TRUE(is_refused(std::string_view{sample.payload}.substr(0, size))) << sample.name;
    EXPECT_TRUE(is_refused(sample.payload + '\0')) << sample.name;
    EXPECT_TRUE(is_refused(sample.payload + sample.payload)) << sample.name;
  }
}

TEST(hostile_gob, with_any_byte_changed_is_refused_or_read) {
  for (const test::gob_sample& sample : test::gob_samples()) {
    for (std::size_t at = 0; at < sample.payload.size(); ++at) {
      for (const unsigned byte : {0x00U, 0x01U, 0x7fU, 0x80U, 0xf8U, 0xffU}) {
        std::string text = sample.payload;
        text[at] = static_cast<char>(byte);
        is_refused(text);
      }
    }
  }
}

TEST(hostile_gob, with_any_length_is_refused) {
  const std::string huge{"\xf8\x80\x00\x00\x00\x00\x00\x00\x00", 9};  // 2^63
  const std::string most{"\xf8\xff\xff\xff\xff\xff\xff\xff\xff", 9};
  const std::string too_long{"\xf7\x01\x00\x00\x00\x00\x00\x00\x00\x00", 10};
  const std::string slice = definition(80, 2, "\x01\x04");
  const std::string map = definition(80, 4, "\x01\x04\x01\x04");
  for (const std::string& length : {huge, most, too_long, std::string{"\xff\xff"}}) {
    EXPECT_TRUE(is_refused(length));
    EXPECT_TRUE(is_refused(length + std::string{session_type}));
    EXPECT_TRUE(is_refused(session_with({}, 6, length)));   // a string
    EXPECT_TRUE(is_refused(session_with({}, 5, length)));   // []byte
    EXPECT_TRUE(is_refused(session_with({}, 66, length)));  // a GobEncoder
    EXPECT_TRUE(is_refused(session_with(slice, 80, length)));
    EXPECT_TRUE(is_refused(session_with(map, 80, length)));
    EXPECT_TRUE(is_refused(definition(80, 2, "\x02" + length)));
    EXPECT_TRUE(is_refused(definition(80, 3, "\x01" + length)));  // fields of a struct
    EXPECT_TRUE(is_refused(std::string{session_type} + message("\xff\x82\x02" + length)));
    EXPECT_TRUE(is_refused(std::string{session_type} + message("\xff\x82" + length)));
    EXPECT_TRUE(is_refused(std::string{session_type} + message("\xff\x82\x02\x01\x01k" + length)));
    EXPECT_TRUE(is_refused(definition(80, 1, "\x01\x04\x01" + length) +
                           session_with({}, 80, std::string{"\0", 1})));
  }
  // Valid forms of the same texts are not refused.
  EXPECT_FALSE(is_refused(session_with({}, 6, "\x01x")));
  EXPECT_FALSE(is_refused(session_with(slice, 80, "\x02\x02\x04")));
  EXPECT_FALSE(is_refused(session_with(map, 80, "\x01\x02\x04")));
}

TEST(hostile_gob, with_impossible_types_is_refused) {
  const std::string slice = definition(80, 2, "\x01\x04");
  EXPECT_FALSE(is_refused(session_with(slice, 80, {"\0", 1})));
  EXPECT_TRUE(is_refused(session_with(slice + slice, 80, {"\0", 1})));  // defined twice
  EXPECT_TRUE(is_refused(session_with(definition(6, 2, "\x01\x04"), 6, {"\0", 1})));
  EXPECT_TRUE(is_refused(session_with(definition(80, 2, {}), 80, {"\0", 1})));
  EXPECT_TRUE(is_refused(session_with(definition(80, 8, {}), 80, {"\0", 1})));
  EXPECT_TRUE(is_refused(session_with({}, 81, {"\0", 1})));  // not defined
  EXPECT_TRUE(is_refused(session_with(definition(80, 2, "\x01\xff\xa2"), 80, "\x01x")));
  EXPECT_TRUE(is_refused(session_with({}, std::numeric_limits<std::int64_t>::max(), {"\0", 1})));
  EXPECT_TRUE(is_refused(message(int_text(std::numeric_limits<std::int64_t>::min()))));
  EXPECT_TRUE(is_refused(message({"\0", 1})));
  EXPECT_TRUE(is_refused({"\0\0\0\0", 4}));
}

TEST(hostile_gob, with_types_that_contain_themselves_is_read_or_refused) {
  // A struct that contains itself. Its value omits the field, which is a nil pointer in Go.
  const std::string node = definition(80, 3, {"\x01\x01\x01\x01n\x01\xff\xa0\x00", 9});
  const auto value_of = [&](std::string_view value) {
    // No zero precedes a struct.
    std::string interface { "\x01k\x01T\xff\xa0\x01" };
    interface += value;
    return std::string{session_type} + node +
           message(std::string{"\xff\x82\x02\x01"} + interface + '\0');
  };
  const std::string one = value_of({"\0", 1});
  ASSERT_FALSE(is_refused(one));
  EXPECT_EQ(hostile_codec.decode(one).data.at(0).json, R"({"n":{"n":null}})");
  EXPECT_FALSE(is_refused(value_of(std::string(100, '\1') + std::string(101, '\0'))));
  EXPECT_TRUE(is_refused(value_of(std::string(100000, '\1') + std::string(100001, '\0'))));
  // Slices and maps that contain themselves.
  const std::string list = definition(80, 2, "\x01\xff\xa0");
  EXPECT_FALSE(is_refused(session_with(list, 80, std::string(100, '\1') + '\0')));
  EXPECT_TRUE(is_refused(session_with(list, 80, std::string(100000, '\1') + '\0')));
  std::string boxes;
  for (int i = 0; i < 100000; ++i)
    boxes += std::string_view{"\1T\x10\x01\x00", 5};  // an interface in an interface
  EXPECT_TRUE(is_refused(session_with({}, 8, boxes + '\0')));
}

TEST(hostile_gob, that_means_more_than_a_multiple_of_its_size_is_refused) {
  // Each type has two fields of the next type, and the value omits all of them.
  std::string definitions;
  for (std::int64_t id = 80; id < 120; ++id) {
    std::string fields = "\x01\x02";
    for (int i = 0; i < 2; ++i) {
      fields += "\x01\x01";
      fields += "ab"[i];
      fields += '\1';
      fields += int_text(id == 119 ? 2 : id + 1);
      fields += '\0';
    }
    definitions += definition(id, 3, fields);
  }
  EXPECT_TRUE(is_refused(std::string{session_type} + definitions +
                         message({"\xff\x82\x02\x01\x01k\x01T\xff\xa0\x01\x00\x00", 13})));

  // Many structs with many fields.
  std::string fields{"\x01\xfe\x07\xd0", 4};  // 2000
  for (int i = 0; i < 2000; ++i)
    fields += std::string_view{"\x02\x04\x00", 3};
  const std::string types = definition(80, 3, fields) + definition(81, 2, "\x01\xff\xa0");
  EXPECT_FALSE(is_refused(session_with(types, 81, {"\x02\0\0", 3})));
  EXPECT_TRUE(
      is_refused(session_with(types, 81, std::string{"\xfe\x07\xd0"} + std::string(2000, '\0'))));
}

TEST(hostile_gob, of_random_bytes_is_refused) {
  std::mt19937 random{1};
  for (int round = 0; round < 2000; ++round) {
    std::string text{session_type};
    for (int i = 0; i < 60; ++i)
      text += static_cast<char>(random() % 4 == 0 ? random() % 256 : random() % 8);
    is_refused(text);
  }
}

}  // namespace
