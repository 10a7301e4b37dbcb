#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <scs/json_nesting.hpp>
#include <scs/value.hpp>

// Lets a session keep whatever nlohmann/json can convert: types with to_json and from_json,
// standard containers, and nlohmann::json itself. A value that is nested deeper than
// max_json_nesting is errc::invalid_value when it is put and errc::wrong_type when it is read. (One
// case is not covered: your own to_json may copy a deeper nlohmann::json. Check such a value where
// it comes from.) <scs/scs.hpp> does not include this header, because scs does not depend on that
// library.

namespace scs {

namespace detail {

template <class Value>
concept nlohmann_value =
    !built_in<Value> && !text<Value> && requires(const Value& value, const nlohmann::json& j) {
  nlohmann::json(value);
  j.get<Value>();
};

template <class Value>
concept any_nlohmann_json = nlohmann::detail::is_basic_json<Value>::value;

/// Throws for NaN and infinities, which nlohmann/json would write as null, and for values that are
/// nested deeper than max_json_nesting. The session turns the exception into errc::invalid_value.
template <any_nlohmann_json Json>
void check_nlohmann(const Json& root) {
  struct pending {
    const Json* value;
    std::size_t depth;
  };
  std::vector<pending> left{{&root, 1}};
  while (!left.empty()) {
    const auto [value, depth] = left.back();
    left.pop_back();
    if (value->is_number_float() && !std::isfinite(value->template get<double>())) {
      throw std::domain_error("NaN or infinity");
    }
    if (!value->is_structured()) continue;
    if (depth > max_json_nesting) throw std::length_error("nested too deep");
    for (const Json& child : *value)
      left.push_back({&child, depth + 1});
  }
}

/// The same check for containers before they are converted: the conversion copies a json that they
/// contain, and copying is recursive.
template <class Value>
void check_before_conversion(const Value& value) {
  if constexpr (any_nlohmann_json<Value>) {
    check_nlohmann(value);
  } else if constexpr (requires { value.first, value.second; }) {
    check_before_conversion(value.second);
  } else if constexpr (std::ranges::range<const Value> && !text<Value> && !built_in<Value>) {
    for (const auto& element : value)
      check_before_conversion(element);
  }
}

}  // namespace detail

template <detail::nlohmann_value Value>
struct value_traits<Value> {
  static std::string to_json(const Value& value) {
    detail::check_before_conversion(value);
    if constexpr (std::same_as<Value, nlohmann::json>) {
      return value.dump();
    } else {
      const nlohmann::json json(value);
      detail::check_nlohmann(json);
      return json.dump();
    }
  }
  static std::optional<Value> from_json(std::string_view json) {
    if (nests_deeper_than(json, max_json_nesting)) return std::nullopt;
    // In place: otherwise the json would be asked to convert itself to an optional.
    return std::optional<Value>(std::in_place, nlohmann::json::parse(json).get<Value>());
  }
};

}  // namespace scs
