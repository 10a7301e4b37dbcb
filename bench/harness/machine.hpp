#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Name and value, in the order to print them: what a figure means nothing without.
using facts = std::vector<std::pair<std::string, std::string>>;

/// The machine, the compiler, the versions and the file system of the folder.
facts describe_machine(const std::filesystem::path& folder, const std::string& label);

/// How many processes want a core now, and did in the last minute: others' work is noise here.
std::string load_now();

}  // namespace bench
