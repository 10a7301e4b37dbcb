#include "gob/time.hpp"

#include <chrono>
#include <cstdlib>
#include <limits>

#include <scs/value.hpp>

namespace scs::gob {

namespace {

constexpr std::size_t plain_size = 15;
constexpr char with_seconds = 2;  // the version with a byte for the offset's seconds

// The first second of the year 0 and the last one of 9999.
constexpr std::int64_t first_second = -62'167'219'200;
constexpr std::int64_t last_second = 253'402'300'799;

std::uint64_t big_endian(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (const char c : bytes)
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int size) {
  for (int shift = size * 8; shift != 0; shift -= 8)
    out += static_cast<char>(value >> (shift - 8) & 0xFF);
}

void append_two_digits(std::string& out, int value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<go_time> read_time(std::string_view bytes) {
  if (bytes.size() < plain_size) return std::nullopt;
  const char version = bytes[0];
  if (version != 1 && version != with_seconds) return std::nullopt;
  if (bytes.size() != plain_size + (version == with_seconds ? 1U : 0U)) return std::nullopt;
  const auto since_year_1 = static_cast<std::int64_t>(big_endian(bytes.substr(1, 8)));
  const std::uint64_t nanoseconds = big_endian(bytes.substr(9, 4));
  if (since_year_1 < std::numeric_limits<std::int64_t>::min() - zero_time.seconds ||
      nanoseconds >= 1'000'000'000) {
    return std::nullopt;
  }
  go_time read{.seconds = since_year_1 + zero_time.seconds,
               .nanoseconds = static_cast<std::int32_t>(nanoseconds)};
  const auto minutes = static_cast<std::int16_t>(big_endian(bytes.substr(13, 2)));
  read.is_utc = minutes == -1;
  if (!read.is_utc) read.offset_seconds = minutes * 60;
  if (version == with_seconds) read.offset_seconds += static_cast<signed char>(bytes[plain_size]);
  return read;
}

std::string write_time(const go_time& moment) {
  std::string out;
  const int seconds = moment.offset_seconds % 60;
  out += seconds == 0 ? '\1' : with_seconds;
  append_big_endian(
      out,
      static_cast<std::uint64_t>(moment.seconds) - static_cast<std::uint64_t>(zero_time.seconds),
      8);
  append_big_endian(out, static_cast<std::uint64_t>(moment.nanoseconds), 4);
  const int minutes = moment.is_utc ? -1 : moment.offset_seconds / 60;
  append_big_endian(out, static_cast<std::uint64_t>(minutes), 2);
  if (seconds != 0) out += static_cast<char>(seconds);
  return out;
}

std::optional<std::string> json_of(const go_time& moment) {
  if (moment.seconds < first_second || moment.seconds > last_second) return std::nullopt;
  const std::int64_t local = moment.seconds + moment.offset_seconds;
  if (local < first_second || local > last_second) return std::nullopt;
  std::string json = detail::json_of_time({local, moment.nanoseconds});
  const int minutes = std::abs(moment.offset_seconds / 60);
  if (moment.is_utc || minutes == 0) return json;
  json.resize(json.size() - 2);  // removes Z and the quote
  json += moment.offset_seconds < 0 ? '-' : '+';
  append_two_digits(json, minutes / 60);
  json += ':';
  append_two_digits(json, minutes % 60);
  return json += '"';
}

std::optional<go_time> time_of_json(std::string_view json) {
  const std::optional<detail::split_time> split = detail::time_of_json(json);
  if (!split) return std::nullopt;
  go_time read{.seconds = split->seconds,
               .nanoseconds = static_cast<std::int32_t>(split->nanoseconds)};
  json.remove_suffix(1);
  if (json.ends_with('Z')) return read;
  const std::string_view offset = json.substr(json.size() - 6);  // such as +01:30
  const auto digits = [&](std::size_t at) {
    return (offset[at] - '0') * 10 + offset[at + 1] - '0';
  };
  const int minutes = (offset[0] == '-' ? -1 : 1) * (digits(1) * 60 + digits(4));
  read.is_utc = minutes == -1;  // Go's binary format writes UTC as -1
  if (!read.is_utc) read.offset_seconds = minutes * 60;
  return read;
}

time_point to_time_point(const go_time& moment) noexcept {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  constexpr auto last = std::chrono::floor<seconds>(time_point::max().time_since_epoch());
  constexpr auto first = std::chrono::ceil<seconds>(time_point::min().time_since_epoch());
  if (moment.seconds < first.count()) return time_point::min();
  if (moment.seconds >= last.count()) return time_point::max();
  return time_point{seconds{moment.seconds} + nanoseconds{moment.nanoseconds}};
}

go_time to_go_time(time_point moment) noexcept {
  const auto whole = std::chrono::floor<std::chrono::seconds>(moment);
  return {.seconds = whole.time_since_epoch().count(),
          .nanoseconds = static_cast<std::int32_t>((moment - whole).count())};
}

}  // namespace scs::gob
