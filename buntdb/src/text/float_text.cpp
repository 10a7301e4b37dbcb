#include "text/float_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <system_error>

#include <buntstore/internal/charconv.hpp>

#include "text/ascii.hpp"

namespace buntdb::text {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Returns whether the character is a digit of a number, which may be hexadecimal.
constexpr bool is_digit_of(char c, bool hex) noexcept {
  return is_digit(c) || (hex && ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/// The result of scanning a number without its sign and its 0x.
struct scanned {
  bool valid = false;
  bool underscores = false;
  /// The number of digits before the point, without leading zeros; negative for zeros after the
  /// point.
  std::int64_t magnitude = 0;
  std::int64_t exponent = 0;  ///< saturated
};

scanned scan(std::string_view text, bool hex) noexcept {
  scanned found;
  std::size_t i = 0;
  bool digits = false;
  bool point = false;
  bool significant = false;  // a digit other than 0 was found
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_') {
      // Only between digits, or between the prefix and a digit.
      const bool follows_digit = i == 0 ? hex : is_digit_of(text[i - 1], hex);
      if (!follows_digit || i + 1 == text.size() || !is_digit_of(text[i + 1], hex)) return found;
      found.underscores = true;
    } else if (c == '.') {
      if (point) return found;
      point = true;
    } else if (is_digit_of(c, hex)) {
      digits = true;
      significant = significant || c != '0';
      if (significant && !point) ++found.magnitude;
      if (!significant && point) --found.magnitude;
    } else {
      break;
    }
  }
  if (!digits) return found;
  if (i == text.size()) {
    found.valid = !hex;  // a hexadecimal number must have an exponent
    return found;
  }
  if (ascii_lower(text[i]) != (hex ? 'p' : 'e')) return found;
  ++i;
  const bool negative = i < text.size() && text[i] == '-';
  if (negative || (i < text.size() && text[i] == '+')) ++i;
  if (i == text.size() || !is_digit(text[i])) return found;
  for (; i < text.size(); ++i) {
    if (text[i] == '_') {
      if (!is_digit(text[i - 1]) || i + 1 == text.size() || !is_digit(text[i + 1])) return found;
      found.underscores = true;
    } else if (!is_digit(text[i])) {
      return found;
    } else if (found.exponent < std::int64_t{1} << 50U) {
      found.exponent = found.exponent * 10 + (text[i] - '0');
    }
  }
  if (negative) found.exponent = -found.exponent;
  found.valid = true;
  return found;
}

/// Returns the value of a number that scan() found valid.
double convert(std::string_view text, bool hex, const scanned& found) {
  if (found.underscores) {
    std::string plain;
    std::ranges::copy_if(text, std::back_inserter(plain), [](char c) { return c != '_'; });
    scanned same = found;
    same.underscores = false;
    return convert(plain, hex, same);
  }
  double value = 0;
  const auto [end, problem] =
      buntstore::internal::from_chars(text.data(), text.data() + text.size(), value,
                                      hex ? std::chars_format::hex : std::chars_format::general);
  if (problem == std::errc::result_out_of_range) {
    return found.magnitude * (hex ? 4 : 1) + found.exponent > 0 ? infinity : 0;
  }
  return value;
}

}  // namespace

double parse_float(std::string_view text) {
  if (equals_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    value = infinity;
  } else {
    const bool hex = text.size() > 2 && text[0] == '0' && ascii_lower(text[1]) == 'x';
    if (hex) text.remove_prefix(2);
    const scanned found = scan(text, hex);
    if (!found.valid) return 0;
    value = convert(text, hex, found);
  }
  return negative ? -value : value;
}

void append_float(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (std::isinf(number)) {
    out += number < 0 ? "-Inf" : "+Inf";
    return;
  }
  // The fixed form of to_chars would write all digits of a large number, not the fewest.
  std::array<char, 32> scientific;
  const char* const end = std::to_chars(scientific.data(), scientific.data() + scientific.size(),
                                        number, std::chars_format::scientific)
                              .ptr;
  std::string_view text(scientific.data(), static_cast<std::size_t>(end - scientific.data()));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* const digits_of_exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, end, exponent);
  std::array<char, 32> digits;
  std::size_t count = 0;
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits[count++] = c;
  }
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out.append(digits.data(), count);
    return;
  }
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  out.append(digits.data(), std::min(whole, count));
  if (whole >= count) {
    out.append(whole - count, '0');
  } else {
    out += '.';
    out.append(digits.data() + whole, count - whole);
  }
}

}  // namespace buntdb::text
