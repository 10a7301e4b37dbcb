#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Decimal digits, eight at a time: a payload's times are numbers of nanoseconds with 19 digits.

namespace scs::detail {

inline constexpr std::size_t digits_at_once = 8;

/// The next eight characters, the first of them in the lowest byte.
inline std::uint64_t eight_characters(const char* text) noexcept {
  std::uint64_t characters;
  std::memcpy(&characters, text, sizeof characters);
  if constexpr (std::endian::native != std::endian::little) {
    std::uint64_t reversed = 0;
    for (int i = 0; i < 8; ++i, characters >>= 8)
      reversed = reversed << 8 | (characters & 0xFF);
    characters = reversed;
  }
  return characters;
}

/// Digits are the bytes 0x30 to 0x39: with 6 added, their upper half is still a 3.
inline bool are_digits(std::uint64_t characters) noexcept {
  constexpr std::uint64_t upper_halves = 0xF0F0'F0F0'F0F0'F0F0;
  constexpr std::uint64_t threes = 0x3030'3030'3030'3030;
  constexpr std::uint64_t sixes = 0x0606'0606'0606'0606;
  return (characters & upper_halves) == threes && ((characters + sixes) & upper_halves) == threes;
}

inline bool is_digit(char c) noexcept {
  return static_cast<unsigned char>(c - '0') < 10;
}

/// How many digits a text begins with.
inline std::size_t digit_run(std::string_view text) noexcept {
  std::size_t run = 0;
  while (text.size() - run >= digits_at_once && are_digits(eight_characters(text.data() + run)))
    run += digits_at_once;
  while (run < text.size() && is_digit(text[run]))
    ++run;
  return run;
}

/// The value of eight digits: of pairs, then of fours, then of all.
inline std::uint64_t value_of_eight(std::uint64_t characters) noexcept {
  characters -= 0x3030'3030'3030'3030;
  characters = (characters * 10 + (characters >> 8)) & 0x00FF'00FF'00FF'00FF;
  characters = (characters * 100 + (characters >> 16)) & 0x0000'FFFF'0000'FFFF;
  return (characters * 10'000 + (characters >> 32)) & 0xFFFF'FFFF;
}

/// More digits than this may not fit the value.
inline constexpr std::size_t max_digits = 19;

/// The value of a text that is nothing but digits, at most max_digits of them.
inline std::uint64_t value_of_digits(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  for (; digits.size() >= digits_at_once; digits.remove_prefix(digits_at_once))
    value = value * 100'000'000 + value_of_eight(eight_characters(digits.data()));
  for (const char digit : digits)
    value = value * 10 + static_cast<unsigned char>(digit - '0');
  return value;
}

}  // namespace scs::detail
