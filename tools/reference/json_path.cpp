#include <string_view>

#include <nlohmann/json.hpp>

#include "checkers.hpp"
#include "json/path.hpp"

namespace check_reference {

namespace {

std::string_view name_of(buntdb::json::type type) {
  switch (type) {
    case buntdb::json::type::null:
      return "Null";
    case buntdb::json::type::false_value:
      return "False";
    case buntdb::json::type::number:
      return "Number";
    case buntdb::json::type::string:
      return "String";
    case buntdb::json::type::true_value:
      return "True";
    case buntdb::json::type::json:
      return "JSON";
  }
  return "";
}

nlohmann::json as_line(const buntdb::json::value& found) {
  return {{"exists", found.exists()},
          {"type", name_of(found.type())},
          {"raw", found.raw()},
          {"string", found.text()},
          {"num", found.number()}};
}

std::string difference_of_value(const nlohmann::json& line) {
  const auto& text = line.at("json").get_ref<const std::string&>();
  const buntdb::json::path path(line.at("path").get_ref<const std::string&>());
  const nlohmann::json found = as_line(buntdb::json::get(text, path));
  if (!nlohmann::json::accept(text)) {
    if (as_line(buntdb::json::get(text, path)) == found) return {};
    return "two answers to one question";
  }
  std::string differences;
  for (const auto& [name, value] : found.items()) {
    if (value != line.at(name)) differences += (differences.empty() ? "" : ", ") + name;
  }
  if (differences.empty()) return {};
  return differences + ": " + found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         " here";
}

}  // namespace

void check_json_path(const std::string& folder, report& out) {
  out.rows(folder + "/json_path.jsonl", difference_of_value);
}

}  // namespace check_reference
