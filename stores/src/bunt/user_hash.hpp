#pragma once

#include <cstdint>
#include <string_view>

namespace scs::stores {

/// Returns a hash of a user's name, which is the same for the lifetime of the process. Users may
/// choose their names; because of a random seed, none can choose a name with a known hash. Throws
/// std::exception when it is first called, if the system has no random numbers.
std::uint64_t user_hash(std::string_view user);

}  // namespace scs::stores
