#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/path.hpp"
#include "json/value.hpp"
#include "text/glob.hpp"

namespace buntdb::json {

/// The content of the parentheses of `#(path operator value)`.
struct query {
  enum class comparison {
    exists,
    equal,
    not_equal,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    like,  ///< the value is a pattern
    not_like
  };
  std::optional<json::path> path;  ///< into elements that are objects or lists
  bool of_element = false;         ///< no path was given: other elements are compared themselves
  comparison how = comparison::exists;
  bool truth = false;  ///< `~`: the selected value is compared as true or false
  std::string value;
  std::optional<glob> pattern;  ///< the value as a pattern, for like and not_like
  double number = 0;            ///< the value as a number

  /// Returns whether an element of the list matches. Both sides are compared by the type of the
  /// selected value: a string byte by byte, a number, true or false. Null and nested values equal
  /// nothing.
  bool matches(std::string_view element) const;
};

}  // namespace buntdb::json
