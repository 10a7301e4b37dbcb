#pragma once

#include <string>
#include <vector>

#include "gob/types.hpp"

namespace scs::gob {

/// A value that was there before, as a walker has copied and said it.
struct old_value {
  std::string bytes{};
  std::string json{};
  std::vector<type_id> used_types{};
};

}  // namespace scs::gob
