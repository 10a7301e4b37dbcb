#include "redis/record_format.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

#include <scs/error.hpp>
#include <scs/token.hpp>

namespace scs::stores::redis_detail::record_format {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t time_size = 13;
constexpr std::size_t user_digits = 3;
constexpr std::size_t random_size = 10;
constexpr std::size_t index_mark_size = 2;
constexpr std::size_t user_mark_at = random_size + index_mark_size;

/// What an index mark counts, modulo mark_period.
constexpr std::chrono::minutes mark_unit{15};
constexpr std::size_t mark_period = std::size_t{64} * 64;
constexpr std::size_t marks_per_hour = 4;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::size_t revision_at = 1;
constexpr std::size_t expiry_at = revision_at + revision_size;
constexpr std::size_t index_time_at = expiry_at + time_size;
constexpr std::size_t user_size_at = index_time_at + time_size;
static_assert(user_size_at + user_digits == head_size);

/// The first and the last time of 13 digits without a leading zero, as Redis wants its numbers.
constexpr milliseconds earliest{1'000'000'000'000};
constexpr milliseconds latest{9'999'999'999'999};

constexpr milliseconds index_reserve = std::chrono::hours{24};

std::string digits_of(milliseconds time) {
  return std::to_string(std::clamp(time, earliest, latest).count());
}

milliseconds cut(time_point time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch());
}

template <class Number>
Number parsed(std::string_view digits) {
  Number value{};
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{} || end != digits.data() + digits.size()) {
    throw error(errc::store_failed, "redis: a key with our prefix holds a damaged session record");
  }
  return value;
}

/// Three characters for a user (FNV-1a); the same in every process.
std::string mark_of(std::string_view user) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : user) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  std::string mark;
  for (int shift = 46; shift < 64; shift += 6)
    mark += alphabet[(hash >> shift) & 63];
  return mark;
}

}  // namespace

std::string time_text(time_point time) {
  return digits_of(cut(time));
}

std::string index_time_text(time_point expiry) {
  return digits_of(cut(expiry) + index_reserve);
}

std::string user_size_text(std::string_view user) {
  const std::string digits = std::to_string(user.size());
  return std::string(user_digits - digits.size(), '0') + digits;
}

std::string index_mark(time_point written) {
  const auto count =
      static_cast<std::size_t>(
          std::chrono::floor<std::chrono::minutes>(written.time_since_epoch()) / mark_unit) %
      mark_period;
  return {alphabet[count / alphabet.size()], alphabet[count % alphabet.size()]};
}

std::string index_mark_of(std::string_view revision) {
  if (revision.size() != revision_size) return {};
  return std::string{revision.substr(random_size, index_mark_size)};
}

std::string new_revision(std::string_view user, std::string_view index_mark) {
  const token random = token::generate();
  return std::string{random.text().substr(0, random_size)}.append(index_mark) + mark_of(user);
}

bool may_be_of(std::string_view revision, std::string_view user) {
  return revision.size() == revision_size && revision.substr(user_mark_at) == mark_of(user);
}

bool was_indexed_lately(std::string_view revision, time_point now) {
  const auto number = [](std::string_view mark) {
    return alphabet.find(mark[0]) * alphabet.size() + alphabet.find(mark[1]);
  };
  const std::string written = index_mark_of(revision);
  if (written.size() != index_mark_size || written.find_first_not_of(alphabet) != written.npos) {
    return false;
  }
  return (number(index_mark(now)) + mark_period - number(written)) % mark_period < marks_per_hour;
}

unpacked unpack(std::string_view bytes) {
  if (bytes.size() < head_size || bytes[0] != '1') {
    throw error(errc::store_failed,
                "redis: a key with our prefix holds something else than a session record of this "
                "version; give this application a key_prefix of its own");
  }
  const milliseconds expiry{parsed<milliseconds::rep>(bytes.substr(expiry_at, time_size))};
  const auto user_size = parsed<std::size_t>(bytes.substr(user_size_at, user_digits));
  if (user_size > bytes.size() - head_size) {
    throw error(errc::store_failed, "redis: a key with our prefix holds a damaged session record");
  }
  // Beyond what a time_point can hold: its last moment.
  constexpr milliseconds last = std::chrono::floor<milliseconds>(time_point::duration::max());
  return {.record = {.payload = std::string{bytes.substr(head_size + user_size)},
                     .expiry = time_point{std::min(expiry, last)},
                     .revision = std::string{bytes.substr(revision_at, revision_size)}},
          .user = std::string{bytes.substr(head_size, user_size)},
          .index_time = std::string{bytes.substr(index_time_at, time_size)}};
}

}  // namespace scs::stores::redis_detail::record_format
