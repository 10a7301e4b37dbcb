#include "text/number.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace buntdb::text {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

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

TEST(parse_uint, knows_no_sign) {
  EXPECT_EQ(parse_uint("42"), 42U);
  EXPECT_EQ(parse_uint("+42"), 0U);
  EXPECT_EQ(parse_uint("-42"), 0U);
  EXPECT_EQ(parse_uint("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_uint("18446744073709551616"), std::numeric_limits<std::uint64_t>::max());
}

TEST(parse_float, reads_decimals) {
  EXPECT_EQ(parse_float("1.5"), 1.5);
  EXPECT_EQ(parse_float("+5."), 5);
  EXPECT_EQ(parse_float("-.5"), -0.5);
  EXPECT_EQ(parse_float("1e3"), 1000);
  EXPECT_EQ(parse_float("1E-3"), 0.001);
  EXPECT_EQ(parse_float("1795563048972659549"), 1795563048972659549.0);
}

TEST(parse_float, reads_hexadecimals_with_an_exponent) {
  EXPECT_EQ(parse_float("0x1.8p3"), 12);
  EXPECT_EQ(parse_float("-0X10P-1"), -8);
  EXPECT_EQ(parse_float("0x10"), 0);
}

TEST(parse_float, allows_underscores_between_digits) {
  EXPECT_EQ(parse_float("1_000"), 1000);
  EXPECT_EQ(parse_float("1_2.5_0e0_1"), 125);
  EXPECT_EQ(parse_float("0x_1p4"), 16);
  for (const char* text : {"_1", "1_", "1__0", "1_.5", "1._5", "1e_1", "1e1_"}) {
    EXPECT_EQ(parse_float(text), 0) << text;
  }
}

TEST(parse_float, reads_names_in_any_case) {
  EXPECT_EQ(parse_float("Inf"), infinity);
  EXPECT_EQ(parse_float("-INFINITY"), -infinity);
  EXPECT_TRUE(std::isnan(parse_float("NaN")));
  EXPECT_EQ(parse_float("-nan"), 0);
  EXPECT_EQ(parse_float("infi"), 0);
}

TEST(parse_float, takes_what_is_out_of_range_for_infinite_or_0) {
  EXPECT_EQ(parse_float("1e400"), infinity);
  EXPECT_EQ(parse_float("-1e400"), -infinity);
  EXPECT_EQ(parse_float("1e-400"), 0);
  EXPECT_EQ(parse_float("0e99999999999999"), 0);
  EXPECT_EQ(parse_float("0.0001e99999999999999999999"), infinity);
  EXPECT_EQ(parse_float("0x1p5000"), infinity);
  EXPECT_EQ(parse_float("0x1p-5000"), 0);
  EXPECT_EQ(parse_float("5e-324"), std::numeric_limits<double>::denorm_min());
}

TEST(parse_float, takes_what_is_no_number_for_0) {
  for (const char* text :
       {"", ".", "-", " 1", "1 ", "1e", "1e+", "1.2.3", "1f", "abc", "0x", "e5"}) {
    EXPECT_EQ(parse_float(text), 0) << text;
  }
}

}  // namespace
}  // namespace buntdb::text
