#include "text/integer_text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace buntdb::text {
namespace {

TEST(parse_int, reads_decimal_digits_behind_a_sign) {
  EXPECT_EQ(parse_int("42"), 42);
  EXPECT_EQ(parse_int("+42"), 42);
  EXPECT_EQ(parse_int("-007"), -7);
}

TEST(parse_int, takes_what_is_no_number_for_0) {
  for (const char* text : {"", "-", "+", " 1", "1 ", "1.0", "0x10", "1_000", "1e3", "--1", "abc"}) {
    EXPECT_EQ(parse_int(text), 0) << text;
  }
}

TEST(parse_int, takes_what_is_out_of_range_for_the_nearest) {
  EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("9223372036854775808"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_int("-99999999999999999999999"), std::numeric_limits<std::int64_t>::min());
}

TEST(parse_int, looks_no_further_once_it_is_out_of_range) {
  EXPECT_EQ(parse_int("99999999999999999999x"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("9223372036854775808x"), 0);
}

TEST(parse_uint, knows_no_sign) {
  EXPECT_EQ(parse_uint("42"), 42U);
  EXPECT_EQ(parse_uint("+42"), 0U);
  EXPECT_EQ(parse_uint("-42"), 0U);
  EXPECT_EQ(parse_uint("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_uint("18446744073709551616"), std::numeric_limits<std::uint64_t>::max());
}

}  // namespace
}  // namespace buntdb::text
