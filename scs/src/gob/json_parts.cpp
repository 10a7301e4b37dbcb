#include "gob/json_parts.hpp"

#include <map>
#include <optional>
#include <utility>

#include <scs/value.hpp>

#include "payload/json_scanner.hpp"
#include "payload/json_string.hpp"

namespace scs::gob {

namespace {

/// Appends the canonical text of a value: texts with the same meaning have the same one. Returns
/// false if the value is nested too deeply.
bool append_canonical(std::string& out, std::string_view json, int max_depth) {
  if (max_depth == 0) return false;
  switch (json.front()) {
    case '[':
      out += '[';
      if (!for_each_element(json, [&](std::string_view element) {
            const bool done = append_canonical(out, element, max_depth - 1);
            out += ',';
            return done;
          })) {
        return false;
      }
      out += ']';
      return true;
    case '{': {
      std::map<std::string, std::string_view> members;
      for_each_member(json, [&](std::string key, std::string_view value) {
        members.insert_or_assign(std::move(key), value);
        return true;
      });
      out += '{';
      for (const auto& [key, value] : members) {
        append_json_string(out, key);
        out += ':';
        if (!append_canonical(out, value, max_depth - 1)) return false;
        out += ',';
      }
      out += '}';
      return true;
    }
    case '"': {
      const std::optional<std::string> text = detail::string_of_json(json);
      if (text) append_json_string(out, *text);
      return text.has_value();
    }
    default:
      out += json;
      return true;
  }
}

}  // namespace

bool for_each_element(std::string_view json, const std::function<bool(std::string_view)>& take) {
  detail::json_scanner in{json};
  return in.take_array([&] {
    std::string_view element;
    return in.take_value(element) && take(element);
  });
}

bool for_each_member(std::string_view json,
                     const std::function<bool(std::string, std::string_view)>& take) {
  detail::json_scanner in{json};
  return in.take_object([&](const detail::json_string& key) {
    std::string_view value;
    std::optional<std::string> text = detail::string_of_json(key.json);
    return text && in.take_value(value) && take(std::move(*text), value);
  });
}

bool mean_the_same(std::string_view a, std::string_view b, int max_depth) {
  if (a == b) return true;
  if (a.front() != b.front()) return false;
  std::string first;
  std::string second;
  return append_canonical(first, a, max_depth) && append_canonical(second, b, max_depth) &&
         first == second;
}

}  // namespace scs::gob
