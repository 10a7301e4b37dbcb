#include "json/unescape.hpp"

#include <optional>

#include "text/unicode_escape.hpp"
#include "text/utf8.hpp"

namespace buntdb::json {

namespace {

/// Removes the escape `\uXXXX`, or two of them for a surrogate pair, from the front of `rest` and
/// appends the character. Returns false if there is none.
bool append_code(std::string_view& rest, std::string& out) {
  const auto first = text::unicode_escape(rest);
  if (!first) return false;
  rest.remove_prefix(6);
  if (!text::is_surrogate(*first)) {
    text::append_utf8(out, *first);
    return true;
  }
  const auto second = text::unicode_escape(rest);
  if (second) rest.remove_prefix(6);
  const bool pair = second && text::is_surrogate_pair(*first, *second);
  text::append_utf8(out,
                    pair ? text::join_surrogates(*first, *second) : text::replacement_character);
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
    if (c != '\\') {
      out.push_back(c);
      inside.remove_prefix(1);
      continue;
    }
    if (inside.size() == 1) return;
    const char escaped = inside[1];
    if (escaped == 'u') {
      if (!append_code(inside, out)) return;
    } else if (const auto meant = simple_escape(escaped)) {
      out.push_back(*meant);
      inside.remove_prefix(2);
    } else {
      return;
    }
  }
}

}  // namespace buntdb::json
