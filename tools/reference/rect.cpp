#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include <buntdb/rect.hpp>

#include "checkers.hpp"

namespace check_reference {

namespace {

std::vector<double> numbers(const nlohmann::json& row) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> out;
  for (const auto& value : row) {
    if (value.is_number()) {
      out.push_back(value.get<double>());
    } else if (value == "+inf" || value == "-inf") {
      out.push_back(value == "+inf" ? infinity : -infinity);
    } else {
      throw std::runtime_error("no coordinate: " + value.dump());
    }
  }
  return out;
}

bool equal(std::span<const double> corner, const nlohmann::json& expected) {
  return std::vector<double>(corner.begin(), corner.end()) == numbers(expected);
}

}  // namespace

void check_rect(const std::string& folder, report& out) {
  out.rows(folder + "/rect.jsonl", [](const nlohmann::json& row) -> std::string {
    const auto found = buntdb::parse_rect(row.at("in").get<std::string>());
    if (!found) return row.at("min").empty() ? "" : "is no rectangle here";
    const std::string text = buntdb::to_text(*found);
    if (!equal(found->min(), row.at("min")) || !equal(found->max(), row.at("max"))) {
      return "is " + text + " here";
    }
    if (text != row.at("out").get<std::string>()) return "is printed as " + text;
    return {};
  });
}

}  // namespace check_reference
