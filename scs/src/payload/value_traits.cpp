// The types that value_traits has built in, written as Go's encoding/json does.

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <buntstore/internal/base64.hpp>
#include <buntstore/internal/charconv.hpp>
#include <scs/error.hpp>
#include <scs/value.hpp>

#include "payload/decimal_digits.hpp"

namespace scs::detail {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view json) {
  if (json.empty() || (json[0] != '-' && (json[0] < '0' || json[0] > '9'))) return std::nullopt;
  Number value{};
  const char* const end = json.data() + json.size();
  const auto [stop, failure] = buntstore::internal::from_chars(json.data(), end, value);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return value;
}

template <class Number>
std::string text_of(Number value) {
  std::array<char, 24> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end};
}

/// Reads a text from its front. After a mismatch it stays in the failed state.
class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  bool done() const noexcept { return ok_ && text_.empty(); }
  bool ok() const noexcept { return ok_; }
  bool next_is(char c) const noexcept { return ok_ && !text_.empty() && text_[0] == c; }

  bool accept(char c) noexcept {
    if (!next_is(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) noexcept {
    if (!accept(c)) ok_ = false;
  }
  bool next_is_digit() const noexcept {
    return ok_ && !text_.empty() && text_[0] >= '0' && text_[0] <= '9';
  }
  unsigned digit() noexcept {
    if (!next_is_digit()) {
      ok_ = false;
      return 0;
    }
    const auto value = static_cast<unsigned>(text_[0] - '0');
    text_.remove_prefix(1);
    return value;
  }
  unsigned digits(int count, unsigned at_most) noexcept {
    unsigned value = 0;
    for (int i = 0; i < count; ++i)
      value = value * 10 + digit();
    if (value > at_most) ok_ = false;
    return value;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

constexpr std::int64_t year_0_seconds = -62'167'219'200;
constexpr std::int64_t year_10000_seconds = 253'402'300'800;

}  // namespace

std::string json_of_integer(std::int64_t value) {
  return text_of(value);
}
std::string json_of_unsigned(std::uint64_t value) {
  return text_of(value);
}

// As Go's encoding/json does: the fewest digits that read back as the same number, without an
// exponent from 1e-6 up to 1e21. (The fixed format of to_chars writes more digits.)
std::string json_of_double(double value) {
  if (!std::isfinite(value)) {
    throw error(errc::invalid_value, "a session cannot keep NaN or an infinity");
  }
  std::array<char, 32> buffer;
  const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                            std::abs(value), std::chars_format::scientific);
  const std::string_view shortest{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  const std::size_t e = shortest.find('e');
  std::string digits{shortest.substr(0, 1)};
  if (e > 2) digits += shortest.substr(2, e - 2);
  int exponent = 0;
  std::from_chars(shortest.data() + e + 2, end, exponent);
  if (shortest[e + 1] == '-') exponent = -exponent;

  std::string json = std::signbit(value) ? "-" : "";
  if (value != 0 && (exponent < -6 || exponent >= 21)) {
    json += digits[0];
    if (digits.size() > 1) json.append(1, '.').append(digits, 1);
    json += exponent < 0 ? "e-" : "e+";
    return json += std::to_string(std::abs(exponent));
  }
  if (exponent < 0) {
    return json.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return json.append(digits).append(whole - digits.size(), '0');
  return json.append(digits, 0, whole).append(1, '.').append(digits, whole);
}

std::string json_of_bytes(const bytes& value) {
  std::string json;
  json.reserve((value.size() + 2) / 3 * 4 + 2);
  json += '"';
  buntstore::base64::append_padded(json,
                                   {reinterpret_cast<const char*>(value.data()), value.size()});
  json += '"';
  return json;
}

std::string json_of_time(split_time value) {
  if (value.seconds < year_0_seconds || value.seconds >= year_10000_seconds) {
    throw error(errc::invalid_value, "a session keeps only times of the years 0 to 9999");
  }
  const std::chrono::sys_seconds moment{std::chrono::seconds{value.seconds}};
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  std::array<char, 64> text;
  const int length = std::snprintf(
      text.data(), text.size(), "\"%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  std::string json{text.data(), static_cast<std::size_t>(length)};
  if (value.nanoseconds != 0) {
    std::string fraction = std::to_string(1'000'000'000 + value.nanoseconds);
    fraction[0] = '.';
    fraction.erase(fraction.find_last_not_of('0') + 1);
    json += fraction;
  }
  return json += "Z\"";
}

std::optional<double> double_of_json(std::string_view json) {
  return number_of<double>(json);
}

std::optional<std::int64_t> integer_of_json(std::string_view json) {
  if (!json.empty() && json.size() <= max_digits && digit_run(json) == json.size()) {
    const std::uint64_t value = value_of_digits(json);
    if (!std::in_range<std::int64_t>(value)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  return number_of<std::int64_t>(json);
}

std::optional<std::uint64_t> unsigned_of_json(std::string_view json) {
  return number_of<std::uint64_t>(json);
}

// Leftover bits are ignored, as in Go's encoding/json.
std::optional<bytes> bytes_of_json(std::string_view json) {
  const std::optional<std::string> text = string_of_json(json);
  if (!text || text->size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text->ends_with("==") ? 2 : text->ends_with("=") ? 1 : 0;
  bytes value;
  value.reserve(text->size() / 4 * 3);
  if (!buntstore::base64::decode(std::string_view{*text}.substr(0, text->size() - padding),
                                 buntstore::base64::standard_digits, value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<split_time> time_of_json(std::string_view json) {
  using namespace std::chrono;
  scanner in{json};
  in.expect('"');
  const year year{static_cast<int>(in.digits(4, 9999))};
  in.expect('-');
  const month month{in.digits(2, 12)};
  in.expect('-');
  const day day{in.digits(2, 31)};
  in.expect('T');
  const hours hour{in.digits(2, 23)};
  in.expect(':');
  const minutes minute{in.digits(2, 59)};
  in.expect(':');
  const seconds second{in.digits(2, 59)};
  std::int64_t fraction = 0;
  if (in.accept('.')) {
    std::int64_t unit = 100'000'000;
    fraction += in.digit() * unit;
    while (in.next_is_digit()) {
      unit /= 10;
      fraction += in.digit() * unit;  // after the nanoseconds, unit is 0
    }
  }
  seconds offset{0};
  if (!in.accept('Z')) {
    const int sign = in.next_is('-') ? -1 : 1;
    if (!in.accept('-')) in.expect('+');
    const hours offset_hours{in.digits(2, 23)};
    in.expect(':');
    offset = sign * (offset_hours + minutes{in.digits(2, 59)});
  }
  in.expect('"');
  const year_month_day date{year, month, day};
  if (!in.done() || !date.ok()) return std::nullopt;
  const sys_seconds moment = sys_days{date} + hour + minute + second - offset;
  return split_time{moment.time_since_epoch().count(), fraction};
}

}  // namespace scs::detail
