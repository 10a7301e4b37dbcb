#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fixtures/store_fixture.hpp"

namespace races {

/// The stores by the names that scs_races --store accepts. To add a store, add a line in
/// raced_stores.cpp.
const std::vector<std::pair<std::string, test::make_store_fixture>>& raced_stores();

}  // namespace races
