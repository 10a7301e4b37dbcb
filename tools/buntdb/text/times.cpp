#include "text/times.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <buntdb/expiry.hpp>

namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t second = 1'000'000'000;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Removes the digits at the beginning of the text and returns their value. Empty if there are
/// none, or if they overflow.
std::optional<std::int64_t> take_number(std::string_view& text) noexcept {
  std::int64_t number = 0;
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Reads exactly this many digits as a number.
std::optional<int> take_digits(std::string_view& text, std::size_t count) noexcept {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, count)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, std::string_view wanted) noexcept {
  if (text.empty() || wanted.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Reads ".25" as nanoseconds. Without a dot it is zero. Digits after the ninth are dropped.
std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept {
  if (!take(text, ".")) return 0;
  std::int64_t fraction = 0;
  std::int64_t unit = second;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    unit /= 10;
    fraction += unit * (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return fraction;
}

std::optional<buntdb::time_point> moment(std::int64_t seconds, std::int64_t fraction) noexcept {
  std::int64_t count = 0;
  if (__builtin_mul_overflow(seconds, second, &count) ||
      __builtin_add_overflow(count, fraction, &count)) {
    return std::nullopt;
  }
  return buntdb::time_point(nanoseconds(count));
}

/// Reads "Z" or "+02:00" and returns seconds.
std::optional<std::int64_t> take_zone(std::string_view& text) noexcept {
  if (take(text, "Zz")) return 0;
  const bool west = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t offset = *hours * 3600 + *minutes * 60;
  return west ? -offset : offset;
}

std::optional<buntdb::time_point> parse_rfc3339(std::string_view text) noexcept {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;  // 60: a leap second
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return moment(
      days * 86400 + *hour * std::int64_t{3600} + *minute * std::int64_t{60} + *seconds - *zone,
      *fraction);
}

}  // namespace

std::optional<nanoseconds> parse_duration(std::string_view text) noexcept {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{{
      {"ms", second / 1000},  // before "m", which it begins with
      {"s", second},
      {"m", 60 * second},
      {"h", 3600 * second},
      {"d", 86400 * second},
  }};
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    std::int64_t part = 0;
    bool found = false;
    for (const auto& [name, length] : units) {
      if (!text.starts_with(name)) continue;
      if (__builtin_mul_overflow(*number, length, &part)) return std::nullopt;
      text.remove_prefix(name.size());
      found = true;
      break;
    }
    if (!found || __builtin_add_overflow(sum, part, &sum)) return std::nullopt;
  }
  return nanoseconds(sum);
}

std::optional<buntdb::time_point> parse_moment(std::string_view text) noexcept {
  std::string_view rest = text;
  if (const auto seconds = take_number(rest)) {
    const auto fraction = take_fraction(rest);
    if (fraction && rest.empty()) return moment(*seconds, *fraction);
  }
  return parse_rfc3339(text);
}

std::string moment_text(buntdb::time_point moment) {
  using namespace std::chrono;
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss<milliseconds> time(floor<milliseconds>(moment - day));
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count())));
  std::string out = text.data();
  if (const auto ms = time.subseconds().count(); ms != 0) {
    static_cast<void>(std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(ms)));
    out += text.data();
  }
  return out + "Z";
}

std::string ttl_text(nanoseconds ttl) {
  if (ttl == buntdb::forever) return "forever";
  const std::int64_t ms = std::chrono::floor<std::chrono::milliseconds>(ttl).count();
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%lld.%03d",
                                  static_cast<long long>(ms / 1000), static_cast<int>(ms % 1000)));
  return text.data();
}
