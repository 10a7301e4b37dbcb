#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fixtures/store_fixture.hpp"

namespace races {

/// By the name that scs_races --store takes. Another store is one more line in raced_stores.cpp.
const std::vector<std::pair<std::string, test::make_store_fixture>>& raced_stores();

}  // namespace races
