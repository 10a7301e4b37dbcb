#include <string_view>

#include <nlohmann/json.hpp>

#include <buntdb/ordering.hpp>

#include "checkers.hpp"

namespace check_reference {

namespace {

bool reads_json(std::string_view ordering) {
  while (ordering.starts_with("desc:"))
    ordering.remove_prefix(5);
  return ordering.starts_with("json");
}

std::string difference_of_order(const nlohmann::json& line) {
  const auto& a = line.at("a").get_ref<const std::string&>();
  const auto& b = line.at("b").get_ref<const std::string&>();
  const auto& ordering = line.at("less").get_ref<const std::string&>();
  const bool expected = line.at("lt").get<bool>();

  const bool found = buntdb::less(buntdb::parse_ordering(ordering), a, b);
  if (found == expected) return {};
  if (reads_json(ordering) && !(nlohmann::json::accept(a) && nlohmann::json::accept(b))) {
    return {};
  }
  return "lt is " + std::string(found ? "true" : "false") + " here";
}

}  // namespace

void check_compare(const std::string& folder, report& out) {
  out.rows(folder + "/compare.jsonl", difference_of_order);
}

}  // namespace check_reference
