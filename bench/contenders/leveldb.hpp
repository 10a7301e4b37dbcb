#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "contenders/contender.hpp"

namespace bench {

std::unique_ptr<contender> make_leveldb(const std::filesystem::path& folder, std::size_t sessions,
                                        promise kept);

}  // namespace bench
