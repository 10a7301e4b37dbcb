#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "command_line/arguments.hpp"

/// An item as `ascend`, `nearby` and the like print it, one a line: [DISTANCE] KEY VALUE with tabs
/// between them, control characters (so tabs and line ends, too) and what is not UTF-8 as \xNN, a
/// backslash doubled; in base64 or as a JSON object if that is asked for.
std::string item_line(const common_options& common, std::string_view key, std::string_view value,
                      std::optional<double> squared_distance = std::nullopt);
