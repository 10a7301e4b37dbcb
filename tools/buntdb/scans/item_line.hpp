#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "command_line/arguments.hpp"

/// Returns an item in the format of `ascend`, `nearby` and similar commands, one a line: [DISTANCE]
/// KEY VALUE, separated by tabs. Control characters (including tabs and line ends) and bytes that
/// are not UTF-8 are written as \xNN, and backslashes are doubled. On request it is base64 or a
/// JSON object.
std::string item_line(const common_options& common, std::string_view key, std::string_view value,
                      std::optional<double> squared_distance = std::nullopt);
