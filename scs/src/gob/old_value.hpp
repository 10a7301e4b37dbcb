#pragma once

#include <string>
#include <vector>

#include "gob/types.hpp"

namespace scs::gob {

/// A value that was in the session before: its bytes and its JSON, as a walker copied and
/// translated it.
struct old_value {
  std::string bytes{};
  std::string json{};
  std::vector<type_id> used_types{};
};

}  // namespace scs::gob
