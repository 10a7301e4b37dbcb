#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <buntstore/internal/hex.hpp>
#include <buntstore/internal/utf8.hpp>

namespace buntstore::text {

/// Returns the code point of one UTF-8 sequence, as found by utf8_sequence().
constexpr std::uint32_t code_point(std::string_view sequence) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return at(0);
  std::uint32_t code = at(0) & (0x7FU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i)
    code = code << 6U | (at(i) & 0x3FU);
  return code;
}

/// Returns whether a terminal or a log viewer may obey the character instead of showing it: control
/// characters (C0, DEL, C1), line ends, characters that change the direction of text, and invisible
/// ones. The joiners U+200C and U+200D count as printable, because emoji and some scripts need
/// them.
constexpr bool is_unprintable(std::uint32_t code) noexcept {
  const auto within = [code](std::uint32_t first, std::uint32_t last) {
    return code >= first && code <= last;
  };
  return code < 0x20 || within(0x7F, 0x9F) || code == 0xAD || code == 0x61C || code == 0x180E ||
         code == 0x200B || within(0x200E, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2060, 0x206F) || code == 0xFEFF || within(0xFFF9, 0xFFFB) ||
         within(0xE0000, 0xE007F);
}

/// Calls plain(text) for each section of printable text, and special(character) for each
/// unprintable character and each byte that is not UTF-8.
template <class Plain, class Special>
void divide_printable(std::string_view text, Plain plain, Special special) {
  std::size_t done = 0;  // everything before it has been passed on
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text.substr(at));
    const std::size_t size = length == 0 ? 1 : length;
    if (length == 0 || is_unprintable(code_point(text.substr(at, size)))) {
      if (at != done) plain(text.substr(done, at - done));
      special(text.substr(at, size));
      done = at + size;
    }
    at += size;
  }
  if (done != text.size()) plain(text.substr(done));
}

inline void append_hex_escapes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    out += "\\x";
    append_hex(out, static_cast<unsigned char>(c));
  }
}

/// Returns the text for an error or an event that quotes keys, values and file names. Each byte of
/// an unprintable character, and each byte that is not UTF-8, becomes \xNN. Backslashes are not
/// escaped, so that a text may be escaped twice without harm.
inline std::string escaped(std::string_view text) {
  std::string out;
  divide_printable(
      text, [&](std::string_view plain) { out += plain; },
      [&](std::string_view special) { append_hex_escapes(out, special); });
  return out;
}

}  // namespace buntstore::text
