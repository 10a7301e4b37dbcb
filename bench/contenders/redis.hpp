#pragma once

#include <filesystem>
#include <memory>

#include "contenders/contender.hpp"

namespace bench {

/// Makes a Redis server on a free port of the loopback interface. It ends with this process.
std::unique_ptr<contender> make_redis(const std::filesystem::path& folder, promise kept);

}  // namespace bench
