#pragma once

#include <string>

#include "report.hpp"

namespace check_reference {

/// Each function compares one table of a folder with this project's answers. It throws if the table
/// cannot be read.
void check_compare(const std::string& folder, report& out);
void check_json_path(const std::string& folder, report& out);
void check_match(const std::string& folder, report& out);
void check_rect(const std::string& folder, report& out);
void check_aof(const std::string& folder, report& out);

}  // namespace check_reference
