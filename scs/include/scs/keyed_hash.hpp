#pragma once

#include <cstddef>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A hash for maps in memory whose keys somebody else chooses, such as the names of users: under a
/// key that is drawn at random for each process, so that nobody can choose keys that meet. Another
/// one in the next process.
std::size_t keyed_hash(std::string_view text) noexcept;

}  // namespace scs
