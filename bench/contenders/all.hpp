#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "contenders/contender.hpp"

namespace bench {

/// What all ratios refer to.
inline constexpr std::string_view ours = "buntdb";

/// Every contender, not yet open, with files of its own in the folder.
std::vector<std::unique_ptr<contender>> all_contenders(const std::filesystem::path& folder,
                                                       std::size_t sessions,
                                                       promise kept = promise::every_second);

}  // namespace bench
