#include "text/integer_text.hpp"

#include <limits>
#include <optional>

namespace buntdb::text {

namespace {

/// Returns the digits as a number, or nothing if a character is not a digit. Stops at the first
/// digit that makes the number too large, whatever follows, as Go does.
std::optional<std::uint64_t> digits_of(std::string_view text) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > most / 10 || number * 10 > most - digit) return most;
    number = number * 10 + digit;
  }
  return number;
}

}  // namespace

std::int64_t parse_int(std::string_view text) noexcept {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
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

}  // namespace buntdb::text
