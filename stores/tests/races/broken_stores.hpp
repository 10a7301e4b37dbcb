#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scs/store.hpp>

namespace races {

/// Stores that break their contract, to check that the races detect it: names for make_broken().
const std::vector<std::string>& broken_names();

/// Returns a store that passes calls to `inner` with the fault of this name. `inner` must outlive
/// it.
std::unique_ptr<scs::store> make_broken(const std::string& name, scs::store& inner);

}  // namespace races
