#pragma once

#include <cstddef>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How many levels of objects and arrays a value may have if <scs/nlohmann.hpp> converts it.
/// nlohmann/json copies and writes recursively, one call for each level, so that a visitor's text
/// of 100,000 opening brackets would overflow the thread's stack. The session itself has no such
/// limit.
inline constexpr std::size_t max_json_nesting = 128;

/// Returns whether brackets and braces outside of strings are nested more than `levels` deep. The
/// text must be JSON. Call this before anything that reads the text recursively. Takes linear time
/// and a constant amount of stack.
constexpr bool nests_deeper_than(std::string_view json, std::size_t levels) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    switch (json[i]) {
      case '\\':
        ++i;
        break;
      case '"':
        in_string = !in_string;
        break;
      case '[':
      case '{':
        if (!in_string && ++depth > levels) return true;
        break;
      case ']':
      case '}':
        if (!in_string && depth > 0) --depth;
        break;
      default:
        break;
    }
  }
  return false;
}

}  // namespace scs
