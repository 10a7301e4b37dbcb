#pragma once

#include <cstddef>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How deep the objects and arrays of a value may nest that <scs/nlohmann.hpp> converts: that
/// library calls itself once for each level when it copies and writes, and a visitor's text of
/// 100,000 opening brackets would end the thread's stack. The session itself keeps any depth.
inline constexpr std::size_t max_json_nesting = 128;

/// Whether the text's brackets and braces, those in strings left aside, nest deeper than that. For
/// text that is JSON, and before anything recursive reads it. Linear; uses no stack.
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
