#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace buntstore::text {

/// Returns the length of the UTF-8 sequence at the beginning of the text, which must not be empty,
/// or 0 if there is none. Overlong forms, surrogates, and code points above U+10FFFF are not UTF-8.
inline std::size_t utf8_sequence(std::string_view text) noexcept {
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

/// Returns the length of the longest prefix that is UTF-8.
inline std::size_t utf8_prefix(std::string_view text) noexcept {
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

inline bool is_utf8(std::string_view text) noexcept {
  return utf8_prefix(text) == text.size();
}

/// Returns the text as UTF-8, cut to at most `max_size` bytes between two characters. Each byte
/// that is not UTF-8 becomes U+FFFD.
inline std::string to_utf8(std::string_view text, std::size_t max_size) {
  constexpr std::string_view replacement = "\uFFFD";
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view next = length == 0 ? replacement : text.substr(0, length);
    if (out.size() + next.size() > max_size) break;
    out += next;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

inline void append_utf8(std::string& out, unsigned code) {
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

}  // namespace buntstore::text
