#include "text/number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

#include "text/ascii.hpp"

namespace buntdb::text {

namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

struct sign {
  bool given = false;
  bool negative = false;
};

sign take_sign(std::string_view& text) noexcept {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return {};
  const sign taken{true, text.front() == '-'};
  text.remove_prefix(1);
  return taken;
}

/// The digits as a number; empty if one of them is none. Stops at the first digit that makes it too
/// large, whatever follows, as the original does.
std::optional<std::uint64_t> digits_of(std::string_view text) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > most / 10 || number * 10 > most - digit) return most;
    number = number * 10 + digit;
  }
  return number;
}

std::optional<double> named(std::string_view text, sign sign) noexcept {
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return sign.negative ? -infinity : infinity;
  }
  if (!sign.given && equals_ignoring_case(text, "nan")) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::nullopt;
}

/// What a number's text is made of, sign and base prefix gone.
struct shape {
  bool valid = false;
  bool underscores = false;
  /// Whether a number that is out of range is too large, rather than too small.
  bool large = false;
};

/// Each underscore must stand between two digits; the base prefix counts as one.
bool underscores_separate_digits(std::string_view text, bool hex) noexcept {
  bool digit = hex;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '_') {
      const bool followed =
          at + 1 < text.size() && (hex ? is_hex_digit(text[at + 1]) : is_digit(text[at + 1]));
      if (!digit || !followed) return false;
    }
    digit = hex ? is_hex_digit(text[at]) : is_digit(text[at]);
  }
  return true;
}

shape shape_of(std::string_view text, bool hex) noexcept {
  shape shape;
  bool point = false;
  bool digits = false;
  bool significant = false;
  std::int64_t magnitude = 0;  // of the first digit that is not 0, in digits
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '_') {
      shape.underscores = true;
    } else if (c == '.') {
      if (point) return {};
      point = true;
    } else if (hex ? is_hex_digit(c) : is_digit(c)) {
      digits = true;
      significant = significant || c != '0';
      if (significant && !point) ++magnitude;
      if (!significant && point) --magnitude;
    } else {
      break;
    }
  }
  if (!digits) return {};
  std::int64_t exponent = 0;
  if (at < text.size() && to_lower(text[at]) == (hex ? 'p' : 'e')) {
    ++at;
    std::string_view rest = text.substr(at);
    const sign sign = take_sign(rest);
    if (rest.empty() || !is_digit(rest.front())) return {};
    for (const char c : rest) {
      if (c == '_') {
        shape.underscores = true;
      } else if (!is_digit(c)) {
        return {};
      } else if (exponent < 10'000'000'000) {
        exponent = exponent * 10 + (c - '0');
      }
    }
    if (sign.negative) exponent = -exponent;
  } else if (hex || at < text.size()) {
    return {};
  }
  if (shape.underscores && !underscores_separate_digits(text, hex)) return {};
  shape.valid = true;
  shape.large = significant && magnitude * (hex ? 4 : 1) + exponent > 0;
  return shape;
}

}  // namespace

std::int64_t parse_int(std::string_view text) noexcept {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const bool negative = take_sign(text).negative;
  const std::uint64_t digits = digits_of(text).value_or(0);
  if (digits <= static_cast<std::uint64_t>(most)) {
    const auto number = static_cast<std::int64_t>(digits);
    return negative ? -number : number;
  }
  return negative ? std::numeric_limits<std::int64_t>::min() : most;
}

std::uint64_t parse_uint(std::string_view text) noexcept {
  return digits_of(text).value_or(0);
}

double parse_float(std::string_view text) {
  const sign sign = take_sign(text);
  if (const auto special = named(text, sign)) return *special;
  const bool hex = text.size() > 2 && text[0] == '0' && to_lower(text[1]) == 'x';
  if (hex) text.remove_prefix(2);
  const shape shape = shape_of(text, hex);
  if (!shape.valid) return 0;

  std::string without_underscores;
  if (shape.underscores) {
    without_underscores = text;
    std::erase(without_underscores, '_');
    text = without_underscores;
  }
  double number = 0;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, format);
  if (parsed.ec == std::errc::result_out_of_range) {
    number = shape.large ? std::numeric_limits<double>::infinity() : 0;
  }
  return sign.negative ? -number : number;
}

}  // namespace buntdb::text
