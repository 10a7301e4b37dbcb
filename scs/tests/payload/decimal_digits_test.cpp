#include "payload/decimal_digits.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include <scs/value.hpp>

namespace scs::detail {

namespace {

std::optional<std::int64_t> by_from_chars(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

TEST(decimal_digits, a_run_ends_at_the_first_other_character_wherever_it_stands) {
  for (std::size_t length = 0; length <= 20; ++length) {
    for (int other = 0; other < 256; ++other) {
      const auto c = static_cast<char>(other);
      if (is_digit(c)) continue;
      const std::string text = std::string(length, '7') + c + "99999999";
      ASSERT_EQ(digit_run(text), length) << other;
    }
    ASSERT_EQ(digit_run(std::string(length, '0')), length);
  }
}

TEST(decimal_digits, have_the_value_that_from_chars_finds) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string digits;
    const std::size_t length = 1 + random() % 21;
    while (digits.size() < length)
      digits += static_cast<char>('0' + random() % 10);
    ASSERT_EQ(value_traits<std::int64_t>::from_json(digits), by_from_chars(digits)) << digits;
    if (length < max_digits) {
      ASSERT_EQ(value_of_digits(digits), static_cast<std::uint64_t>(by_from_chars(digits).value()));
    }
    const std::string negative = '-' + digits;
    ASSERT_EQ(value_traits<std::int64_t>::from_json(negative), by_from_chars(negative));
  }
}

TEST(decimal_digits, at_the_limits_of_the_type) {
  const std::string largest = std::to_string(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(value_traits<std::int64_t>::from_json(largest),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(value_traits<std::int64_t>::from_json("9223372036854775808"), std::nullopt);
  EXPECT_EQ(value_traits<std::int64_t>::from_json("9999999999999999999"), std::nullopt);
  EXPECT_EQ(value_traits<std::int64_t>::from_json("0000000000000000001"), 1);
}

}  // namespace

}  // namespace scs::detail
