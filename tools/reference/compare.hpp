#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace reference {

/// Holds a line of compare.jsonl against this project. Empty if they agree, else what differs.
/// Where one of the values should be JSON and is not, every answer agrees. Throws what a line that
/// is none of that table makes of itself.
std::optional<std::string> check_compare(const nlohmann::json& line);

}  // namespace reference
