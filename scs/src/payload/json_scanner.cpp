#include "payload/json_scanner.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include <buntstore/internal/charconv.hpp>
#include <buntstore/internal/hex.hpp>
#include <buntstore/internal/utf8.hpp>

#include "payload/decimal_digits.hpp"

namespace scs::detail {

namespace {

/// The open brackets around a value, one bit for each. Up to 64 of them need no allocation.
class open_brackets {
 public:
  bool none() const noexcept { return depth_ == 0; }
  bool innermost_is_object() const noexcept { return (bits_ & 1U) != 0; }

  void open(bool object) {
    if (depth_ != 0 && depth_ % 64 == 0) outer_.push_back(bits_);
    bits_ = bits_ << 1U | (object ? 1U : 0U);
    ++depth_;
  }
  void close() noexcept {
    bits_ >>= 1U;
    if (--depth_ == 0 || depth_ % 64 != 0) return;
    bits_ = outer_.back();
    outer_.pop_back();
  }

 private:
  std::uint64_t bits_ = 0;  // the innermost brackets, up to 64
  std::size_t depth_ = 0;
  std::vector<std::uint64_t> outer_{};
};

constexpr bool ends_run(unsigned char c) noexcept {
  return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

/// Returns how many bytes from the beginning are ASCII and have no special meaning in a string.
std::size_t plain_run(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  constexpr std::uint64_t high_bits = 0x80 * ones;
  std::size_t run = 0;
  for (std::uint64_t next; text.size() - run >= sizeof next; run += sizeof next) {
    std::memcpy(&next, text.data() + run, sizeof next);
    // A subtraction borrows into a byte's high bit if the byte is less: less than 0x20 for control
    // characters, and less than 1 after the exclusive or for a quote or backslash. A borrow may
    // also mark bytes after one that really ends the run. But the first marked byte is always a
    // real one.
    const std::uint64_t controls = next - 0x20 * ones;
    const std::uint64_t quotes = (next ^ '"' * ones) - ones;
    const std::uint64_t backslashes = (next ^ '\\' * ones) - ones;
    const std::uint64_t ends = (controls | quotes | backslashes | next) & high_bits;
    if (ends == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return run + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
  }
  while (run < text.size() && !ends_run(static_cast<unsigned char>(text[run])))
    ++run;
  return run;
}

/// Whether a number is between -1 and 1, judging by its decimal point and exponent.
bool is_fraction(std::string_view number) noexcept {
  const std::size_t e = number.find_first_of("eE");
  const std::string_view digits = number.substr(0, e);
  const std::size_t significant = digits.find_first_of("123456789");
  if (significant == std::string_view::npos) return true;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  // The decimal exponent of the first significant digit.
  const std::int64_t place = static_cast<std::int64_t>(point) -
                             static_cast<std::int64_t>(significant) - (significant < point ? 1 : 0);
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view text = number.substr(e + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (failure != std::errc{}) return text.starts_with('-');
  }
  return exponent < -place;
}

bool fits_double(std::string_view number) noexcept {
  double value = 0;
  const auto [end, failure] =
      buntstore::internal::from_chars(number.data(), number.data() + number.size(), value);
  return failure == std::errc{} || is_fraction(number);  // rounded to zero
}

}  // namespace

bool json_scanner::take_word(std::string_view word) noexcept {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool json_scanner::take_digits() noexcept {
  const std::size_t count = digit_run(text_.substr(at_));
  at_ += count;
  return count != 0;
}

bool json_scanner::take_number() {
  const std::size_t begin = at_;
  take_here('-');
  if (!take_here('0') && !take_digits()) return false;
  if (take_here('.') && !take_digits()) return false;
  const bool has_exponent = take_here('e') || take_here('E');
  if (has_exponent) {
    if (!take_here('+')) take_here('-');
    if (!take_digits()) return false;
  }
  // A number of this few digits and without an exponent always fits a double.
  constexpr std::size_t surely_fits = 300;
  if (!has_exponent && at_ - begin <= surely_fits) return true;
  return fits_double(text_.substr(begin, at_ - begin));
}

/// Reads what follows a backslash. The first half of a surrogate pair must be followed by the
/// second.
bool json_scanner::take_escape() noexcept {
  if (ended()) return false;
  if (!take_here('u')) {
    if (std::string_view{"\"\\/bfnrt"}.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  const std::optional<unsigned> code = buntstore::text::four_hex_digits(text_.substr(at_));
  if (!code) return false;
  at_ += 4;
  if (*code < 0xD800 || *code >= 0xDC00) return true;
  if (!take_word("\\u")) return false;
  const std::optional<unsigned> second = buntstore::text::four_hex_digits(text_.substr(at_));
  if (!second || *second < 0xDC00 || *second >= 0xE000) return false;
  at_ += 4;
  return true;
}

bool json_scanner::take_string(json_string& out) {
  if (!take('"')) return false;
  const std::size_t begin = at_ - 1;
  out.has_escapes = false;
  while (true) {
    at_ += plain_run(text_.substr(at_));
    if (ended()) return false;
    if (take_here('"')) break;
    if (take_here('\\')) {
      out.has_escapes = true;
      if (!take_escape()) return false;
      continue;
    }
    const std::size_t length =
        byte() < 0x80 ? 0 : buntstore::text::utf8_sequence(text_.substr(at_));
    if (length == 0) return false;
    at_ += length;
  }
  out.json = text_.substr(begin, at_ - begin);
  return true;
}

bool json_scanner::take_key() {
  json_string key;
  return take_string(key) && take(':');
}

/// Reads a value without brackets. There is no white space before it.
bool json_scanner::take_scalar() {
  if (ended()) return false;
  switch (text_[at_]) {
    case '"': {
      json_string text;
      return take_string(text);
    }
    case 't':
      return take_word("true");
    case 'f':
      return take_word("false");
    case 'n':
      return take_word("null");
    default:
      return take_number();
  }
}

bool json_scanner::skip_value() {
  open_brackets around;
  while (true) {
    // A value begins here.
    if (take('{')) {
      around.open(true);
      if (!next_is('}')) {
        if (!take_key()) return false;
        continue;
      }
    } else if (take('[')) {
      around.open(false);
      if (!next_is(']')) continue;
    } else if (!take_scalar()) {
      return false;
    }
    // The value has ended or, if it is an empty object or array, ends with the next bracket.
    while (!around.none() && !take(',')) {
      if (!take(around.innermost_is_object() ? '}' : ']')) return false;
      around.close();
    }
    if (around.none()) return true;
    if (around.innermost_is_object() && !take_key()) return false;
  }
}

bool json_scanner::take_value(std::string_view& out) {
  skip_space();
  const std::size_t begin = at_;
  if (!skip_value()) return false;
  out = text_.substr(begin, at_ - begin);
  return true;
}

}  // namespace scs::detail

namespace scs {

bool is_json(std::string_view text) {
  detail::json_scanner in{text};
  std::string_view value;
  return in.take_value(value) && in.at_end();
}

}  // namespace scs
