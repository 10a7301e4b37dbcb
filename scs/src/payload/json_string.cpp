#include "payload/json_string.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include <buntstore/internal/hex.hpp>
#include <buntstore/internal/utf8.hpp>
#include <scs/error.hpp>
#include <scs/value.hpp>

namespace scs {

namespace {

/// The printable ASCII characters that need no escape in Go's JSON.
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
      buntstore::text::append_hex(out, c);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t done = 0;  // everything before this was written
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
    const std::size_t length = buntstore::text::utf8_sequence(utf8.substr(i));
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

namespace detail {

std::string json_of_string(std::string_view utf8) {
  std::string json;
  json.reserve(utf8.size() + 2);
  append_json_string(json, utf8);
  return json;
}

std::optional<std::string> string_of_json(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  json = json.substr(1, json.size() - 2);
  std::string text;
  text.reserve(json.size());
  const auto hex4 = [&](std::size_t at) {
    return buntstore::text::four_hex_digits(json.substr(std::min(at, json.size())));
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
    buntstore::text::append_utf8(text, *code);
  }
  return text;
}

}  // namespace detail

}  // namespace scs
