#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/path.hpp"
#include "json/value.hpp"
#include "text/glob.hpp"

namespace buntdb::json {

/// What stands between the parentheses of `#(path operator value)`.
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
  bool of_element = false;         ///< no path was given: the others are looked at themselves
  comparison how = comparison::exists;
  bool truth = false;  ///< `~`: what is found is compared as true or false
  std::string value;
  std::optional<glob> pattern;  ///< the value as one, of like and not_like
  double number = 0;            ///< the value as one

  /// Whether an element of the list is found. The two sides are compared as what is found is: a
  /// string byte by byte, a number, true or false; null and nested values equal nothing.
  bool matches(std::string_view element) const;
};

}  // namespace buntdb::json
