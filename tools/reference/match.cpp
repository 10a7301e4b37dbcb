#include "checkers.hpp"
#include "text/glob.hpp"

namespace check_reference {

void check_match(const std::string& folder, report& out) {
  out.rows(folder + "/match.jsonl", [](const nlohmann::json& row) -> std::string {
    const buntdb::glob pattern(row.at("pattern").get<std::string>());
    const auto key = row.at("key").get<std::string>();
    const bool expected = row.at("match").get<bool>();
    if (pattern.matches(key) != expected) return expected ? "does not match" : "matches";
    // Ranges rely on this when they seek.
    if (expected && !key.starts_with(pattern.literal_prefix())) return "has another literal prefix";
    if (expected && pattern.is_literal() && key != pattern.literal_prefix()) return "is no literal";
    return {};
  });
}

}  // namespace check_reference
