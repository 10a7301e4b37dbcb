#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "contenders/contender.hpp"

namespace bench {

/// The contender to which all ratios refer.
inline constexpr std::string_view ours = "buntdb";

/// Returns every contender, not open yet, with its own files in the folder.
std::vector<std::unique_ptr<contender>> all_contenders(const std::filesystem::path& folder,
                                                       std::size_t sessions,
                                                       promise kept = promise::every_second);

}  // namespace bench
