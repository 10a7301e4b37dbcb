#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace reference {

/// Holds a line of json_path.jsonl against this project. Empty if they agree, else what differs.
/// Where the text is no JSON, every answer agrees that is the same twice. Throws what a line that
/// is none of that table makes of itself, and errc::invalid_argument for a path that is refused.
std::optional<std::string> check_json_path(const nlohmann::json& line);

}  // namespace reference
