#include "text/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <buntstore/internal/base64.hpp>

namespace base64 = buntstore::base64;

namespace {

constexpr bool is_line_end(char c) noexcept {
  return c == '\n' || c == '\r';
}

constexpr auto digits_and_line_ends = [] {
  std::array<std::int8_t, 256> with_line_ends = base64::standard_digits;
  with_line_ends['\n'] = with_line_ends['\r'] = base64::skipped;
  return with_line_ends;
}();

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  base64::append_padded(text, bytes);
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::size_t padding = 0;
  while (!text.empty() && (is_line_end(text.back()) || (text.back() == '=' && padding < 2))) {
    if (text.back() == '=') ++padding;
    text.remove_suffix(1);
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  if (base64::decode(text, digits_and_line_ends, bytes) != 0U) return std::nullopt;
  if ((bytes.size() + padding) % 3 != 0) return std::nullopt;
  return bytes;
}
