#include "json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <scs/error.hpp>
#include <scs/value.hpp>

#include "base64.hpp"
#include "json_scanner.hpp"

namespace scs {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Printable ASCII that stands for itself in Go's JSON.
constexpr std::array<bool, 128> plain = [] {
  std::array<bool, 128> is_plain{};
  for (std::size_t c = 0x20; c < is_plain.size(); ++c) {
    is_plain[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  }
  return is_plain;
}();

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[c >> 4];
      out += hex_digits[c & 15];
  }
}

void append_utf8(std::string& out, unsigned code) {
  const auto add = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 63));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 63));
    add(0x80 | (code & 63));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 63));
    add(0x80 | (code >> 6 & 63));
    add(0x80 | (code & 63));
  }
}

template <class Number>
std::optional<Number> number_of(std::string_view json) {
  if (json.empty() || (json[0] != '-' && (json[0] < '0' || json[0] > '9'))) return std::nullopt;
  Number value{};
  const char* const end = json.data() + json.size();
  const auto [stop, failure] = std::from_chars(json.data(), end, value);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return value;
}

template <class Number>
std::string text_of(Number value) {
  std::array<char, 24> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end};
}

/// Takes texts apart from the front; what does not match leaves it failed.
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

std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const unsigned high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first < 0xF5) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

std::size_t utf8_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t not_ascii = 0x8080'8080'8080'8080;
  std::size_t done = 0;
  while (done < text.size()) {
    std::uint64_t next = 0;
    if (text.size() - done >= sizeof next) {
      std::memcpy(&next, text.data() + done, sizeof next);
      if ((next & not_ascii) == 0) {
        done += sizeof next;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(text.substr(done));
    if (length == 0) break;
    done += length;
  }
  return done;
}

bool is_utf8(std::string_view text) noexcept {
  return utf8_prefix(text) == text.size();
}

std::string to_utf8(std::string_view text, std::size_t size_max) {
  constexpr std::string_view replacement = "\uFFFD";
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view next = length == 0 ? replacement : text.substr(0, length);
    if (out.size() + next.size() > size_max) break;
    out += next;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t done = 0;  // what is before it has been written
  for (std::size_t i = 0; i < utf8.size();) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      if (!plain[c]) {
        out += utf8.substr(done, i - done);
        append_escaped(out, c);
        done = i + 1;
      }
      ++i;
      continue;
    }
    const std::size_t length = utf8_sequence(utf8.substr(i));
    if (length == 0) throw error(errc::invalid_value, "a session keeps only text in UTF-8");
    const std::string_view sequence = utf8.substr(i, length);
    if (sequence == "\u2028" || sequence == "\u2029") {
      out += utf8.substr(done, i - done);
      out += sequence == "\u2028" ? "\\u2028" : "\\u2029";
      done = i + length;
    }
    i += length;
  }
  out += utf8.substr(done);
  out += '"';
}

bool is_json(std::string_view text) {
  detail::json_scanner in{text};
  std::string_view value;
  return in.take_value(value) && in.at_end();
}

std::string_view trim_json(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

namespace detail {

std::string json_of_string(std::string_view utf8) {
  std::string json;
  json.reserve(utf8.size() + 2);
  append_json_string(json, utf8);
  return json;
}

std::string json_of_integer(std::int64_t value) {
  return text_of(value);
}
std::string json_of_unsigned(std::uint64_t value) {
  return text_of(value);
}

// As Go's encoding/json: the shortest digits that read back as the same number, without exponent
// from 1e-6 up to 1e21. (to_chars' own fixed form gives more digits than the shortest.)
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
  base64::encode(reinterpret_cast<const unsigned char*>(value.data()), value.size(),
                 base64::standard_alphabet, std::back_inserter(json));
  json.append((3 - value.size() % 3) % 3, '=');
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

std::optional<std::string> string_of_json(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  json = json.substr(1, json.size() - 2);
  std::string text;
  text.reserve(json.size());
  const auto hex4 = [&](std::size_t at) -> std::optional<unsigned> {
    unsigned code = 0;
    if (at + 4 > json.size()) return std::nullopt;
    const auto [stop, failure] = std::from_chars(json.data() + at, json.data() + at + 4, code, 16);
    if (failure != std::errc{} || stop != json.data() + at + 4) return std::nullopt;
    return code;
  };
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] == '"') return std::nullopt;
    if (json[i] != '\\') {
      const std::size_t end = std::min(json.find_first_of("\\\"", i), json.size());
      text += json.substr(i, end - i);
      i = end;
      continue;
    }
    if (i + 1 == json.size()) return std::nullopt;
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = json[i + 1];
    i += 2;
    if (letter != 'u') {
      const std::size_t which = letters.find(letter);
      if (which == std::string_view::npos) return std::nullopt;
      text += meanings[which];
      continue;
    }
    std::optional<unsigned> code = hex4(i);
    i += 4;
    if (!code) return std::nullopt;
    if (*code >= 0xD800 && *code < 0xE000) {
      const std::optional<unsigned> low =
          *code < 0xDC00 && json.substr(i, 2) == "\\u" ? hex4(i + 2) : std::nullopt;
      if (!low || *low < 0xDC00 || *low >= 0xE000) return std::nullopt;
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
      i += 6;
    }
    append_utf8(text, *code);
  }
  return text;
}

std::optional<double> double_of_json(std::string_view json) {
  return number_of<double>(json);
}

std::optional<std::int64_t> integer_of_json(std::string_view json) {
  return number_of<std::int64_t>(json);
}

std::optional<std::uint64_t> unsigned_of_json(std::string_view json) {
  return number_of<std::uint64_t>(json);
}

std::optional<bytes> bytes_of_json(std::string_view json) {
  static constexpr auto digits = base64::digits_of(base64::standard_alphabet);
  const std::optional<std::string> text = string_of_json(json);
  if (!text || text->size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text->ends_with("==") ? 2 : text->ends_with("=") ? 1 : 0;
  const std::string_view code = std::string_view{*text}.substr(0, text->size() - padding);
  bytes value;
  value.reserve(text->size() / 4 * 3);
  unsigned group = 0;
  int bits = 0;
  for (const char c : code) {
    const std::int8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    group = (group << 6 | static_cast<unsigned char>(digit)) & 0xFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      value.push_back(static_cast<std::byte>(group >> bits & 0xFF));
    }
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
      fraction += in.digit() * unit;  // beyond nanoseconds, unit is 0
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

}  // namespace detail

}  // namespace scs
