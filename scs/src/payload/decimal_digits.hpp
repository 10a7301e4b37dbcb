#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Reads decimal digits, eight at a time: the times in a payload are numbers of nanoseconds with 19
// digits.

namespace scs::detail {

inline constexpr std::size_t digits_at_once = 8;

/// Returns the next eight characters. The first one is in the lowest byte.
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

/// Digits are the bytes 0x30 to 0x39. If 6 is added to one, its upper half is still 3.
inline bool are_digits(std::uint64_t characters) noexcept {
  constexpr std::uint64_t upper_halves = 0xF0F0'F0F0'F0F0'F0F0;
  constexpr std::uint64_t threes = 0x3030'3030'3030'3030;
  constexpr std::uint64_t sixes = 0x0606'0606'0606'0606;
  return (characters & upper_halves) == threes && ((characters + sixes) & upper_halves) == threes;
}

inline bool is_digit(char c) noexcept {
  return static_cast<unsigned char>(c - '0') < 10;
}

/// Returns the number of digits at the beginning of a text.
inline std::size_t digit_run(std::string_view text) noexcept {
  std::size_t run = 0;
  while (text.size() - run >= digits_at_once && are_digits(eight_characters(text.data() + run)))
    run += digits_at_once;
  while (run < text.size() && is_digit(text[run]))
    ++run;
  return run;
}

/// Returns the value of eight digits: first of pairs, then of groups of four, then of all.
inline std::uint64_t value_of_eight(std::uint64_t characters) noexcept {
  characters -= 0x3030'3030'3030'3030;
  characters = (characters * 10 + (characters >> 8)) & 0x00FF'00FF'00FF'00FF;
  characters = (characters * 100 + (characters >> 16)) & 0x0000'FFFF'0000'FFFF;
  return (characters * 10'000 + (characters >> 32)) & 0xFFFF'FFFF;
}

/// The value of more digits may overflow.
inline constexpr std::size_t max_digits = 19;

/// Returns the value of a text of at most max_digits digits and nothing else.
inline std::uint64_t value_of_digits(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  for (; digits.size() >= digits_at_once; digits.remove_prefix(digits_at_once))
    value = value * 100'000'000 + value_of_eight(eight_characters(digits.data()));
  for (const char digit : digits)
    value = value * 10 + static_cast<unsigned char>(digit - '0');
  return value;
}

}  // namespace scs::detail
