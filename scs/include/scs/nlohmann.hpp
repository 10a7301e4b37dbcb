#pragma once

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <scs/value.hpp>

// Lets a session keep whatever nlohmann/json can convert: types with to_json and from_json,
// standard containers, nlohmann::json itself. Not included by <scs/scs.hpp>: scs does not depend on
// it.

namespace scs {

namespace detail {

template <class Value>
concept nlohmann_value =
    !built_in<Value> && !text<Value> && requires(const Value& value, const nlohmann::json& j) {
  nlohmann::json(value);
  j.get<Value>();
};

/// NaN and infinities, which nlohmann/json would write as null.
inline bool has_number_without_json(const nlohmann::json& root) {
  std::vector<const nlohmann::json*> pending{&root};
  while (!pending.empty()) {
    const nlohmann::json& value = *pending.back();
    pending.pop_back();
    if (value.is_number_float() && !std::isfinite(value.get<double>())) return true;
    if (value.is_structured()) {
      for (const nlohmann::json& child : value)
        pending.push_back(&child);
    }
  }
  return false;
}

}  // namespace detail

template <detail::nlohmann_value Value>
struct value_traits<Value> {
  static std::string to_json(const Value& value) {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): a copy only of a json
    const nlohmann::json json(value);
    if (detail::has_number_without_json(json)) throw std::domain_error("NaN or infinity");
    return json.dump();
  }
  static std::optional<Value> from_json(std::string_view json) {
    // In place: a json would be asked to convert itself to an optional.
    return std::optional<Value>(std::in_place, nlohmann::json::parse(json).get<Value>());
  }
};

}  // namespace scs
