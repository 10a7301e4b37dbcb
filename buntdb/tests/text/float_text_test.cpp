#include "text/float_text.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace buntdb::text {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

std::string written(double number) {
  std::string out;
  append_float(out, number);
  return out;
}

TEST(float_text, reads_what_go_reads) {
  EXPECT_EQ(parse_float("1"), 1);
  EXPECT_EQ(parse_float("+1.5e3"), 1500);
  EXPECT_EQ(parse_float("-.5"), -0.5);
  EXPECT_EQ(parse_float("5."), 5);
  EXPECT_EQ(parse_float("0.30000000000000004"), 0.1 + 0.2);
  EXPECT_EQ(parse_float("1e23"), 1e23);
  EXPECT_EQ(parse_float("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(std::signbit(parse_float("-0")));
  EXPECT_EQ(parse_float("0x1.8p-2"), 0.375);
  EXPECT_EQ(parse_float("-0XAp1"), -20);
  EXPECT_EQ(parse_float("0x.8P0"), 0.5);
  EXPECT_EQ(parse_float("1_23.50_0_0e+1_2"), 1.235e+14);
  EXPECT_EQ(parse_float("0x_1_2.3_4_5p+1_2"), 74565);
  EXPECT_EQ(parse_float("iNf"), inf);
  EXPECT_EQ(parse_float("-Infinity"), -inf);
  EXPECT_TRUE(std::isnan(parse_float("NaN")));
}

TEST(float_text, takes_what_is_no_number_for_zero) {
  for (const char* text :
       {"",     "a",     "1a",   " 1",   "1 ",   "--1",   "+-1",   ".",      "e5",   "1e",
        "1e+",  "1.2.3", "1,5",  "0x",   "0x1",  "0xp1",  "_1",    "1_",     "1__2", "1_.5",
        "1._5", "1e_5",  "1e5_", "+nan", "infi", "1e5.0", "0x1e3", "nan(1)", "-",    "+"}) {
    EXPECT_EQ(parse_float(text), 0) << text;
  }
}

TEST(float_text, takes_the_nearest_number_or_infinity_for_what_is_out_of_range) {
  EXPECT_EQ(parse_float("1e309"), inf);
  EXPECT_EQ(parse_float("-1e999999999999999999999999"), -inf);
  EXPECT_EQ(parse_float("1e-400"), 0);
  EXPECT_EQ(parse_float("1e-999999999999999999999999"), 0);
  EXPECT_EQ(parse_float("0e999999999999"), 0);
  EXPECT_EQ(parse_float("1" + std::string(400, '0')), inf);
  EXPECT_EQ(parse_float("0." + std::string(400, '0') + "1"), 0);
  EXPECT_EQ(parse_float("0." + std::string(400, '0') + "1e401"), 1);
  EXPECT_EQ(parse_float("0x1p5000"), inf);
  EXPECT_EQ(parse_float("-0x1p-5000"), 0);
}

TEST(float_text, writes_the_fewest_digits_without_an_exponent) {
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(-0.0), "-0");
  EXPECT_EQ(written(-115.567), "-115.567");
  EXPECT_EQ(written(1000), "1000");
  EXPECT_EQ(written(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(written(1e23), "1" + std::string(23, '0'));
  EXPECT_EQ(written(1.5e-7), "0.00000015");
  EXPECT_EQ(written(123456789.125), "123456789.125");
  EXPECT_EQ(written(inf), "+Inf");
  EXPECT_EQ(written(-inf), "-Inf");
  EXPECT_EQ(written(std::nan("")), "NaN");
  EXPECT_EQ(written(std::numeric_limits<double>::denorm_min()).size(), 326U);
}

TEST(float_text, reads_every_number_that_it_writes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double number = 0;
    static_assert(sizeof number == sizeof bits);
    std::memcpy(&number, &bits, sizeof bits);
    if (std::isnan(number)) continue;
    ASSERT_EQ(parse_float(written(number)), number);
  }
}

}  // namespace
}  // namespace buntdb::text
