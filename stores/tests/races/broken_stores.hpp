#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scs/store.hpp>

namespace races {

/// Stores that break their contract, to see that the races notice: names for make_broken().
const std::vector<std::string>& broken_names();

/// A store in front of `inner`, which outlives it, with the fault of this name.
std::unique_ptr<scs::store> make_broken(const std::string& name, scs::store& inner);

}  // namespace races
