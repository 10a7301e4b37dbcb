#include "json/unescape.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace buntdb::json {

namespace {

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  const auto trail = [&](unsigned shift) { byte(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0U | (code >> 6U));
    trail(0);
  } else if (code < 0x10000) {
    byte(0xe0U | (code >> 12U));
    trail(6);
    trail(0);
  } else {
    byte(0xf0U | (code >> 18U));
    trail(12);
    trail(6);
    trail(0);
  }
}

std::optional<std::uint32_t> four_hex_digits(std::string_view text) noexcept {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t code = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + 4, code, 16);
  if (parsed.ptr != text.data() + 4) return std::nullopt;
  return code;
}

/// Reads what follows `\u` and takes it from the front of rest. False if it is no escape.
bool append_code(std::string_view& rest, std::string& out) {
  constexpr std::uint32_t replacement = 0xfffd;
  const auto first = four_hex_digits(rest);
  if (!first) return false;
  rest.remove_prefix(4);
  if (*first < 0xd800 || *first > 0xdfff) {
    append_utf8(*first, out);
    return true;
  }
  const auto second =
      rest.starts_with("\\u") ? four_hex_digits(rest.substr(2)) : std::optional<std::uint32_t>();
  if (second) rest.remove_prefix(6);
  const bool pair = second && *first < 0xdc00 && *second >= 0xdc00 && *second <= 0xdfff;
  append_utf8(pair ? 0x10000 + ((*first - 0xd800) << 10U) + (*second - 0xdc00) : replacement, out);
  return true;
}

std::optional<char> simple_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

}  // namespace

void unescape(std::string_view inside, std::string& out) {
  while (!inside.empty()) {
    const char c = inside.front();
    if (static_cast<unsigned char>(c) < ' ') return;
    inside.remove_prefix(1);
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (inside.empty()) return;
    const char escaped = inside.front();
    inside.remove_prefix(1);
    if (escaped == 'u') {
      if (!append_code(inside, out)) return;
    } else if (const auto meant = simple_escape(escaped)) {
      out.push_back(*meant);
    } else {
      return;
    }
  }
}

}  // namespace buntdb::json
