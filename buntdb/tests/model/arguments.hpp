#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/options.hpp>

namespace buntdb::model {

/// What the command line says. Of seconds and rounds, the first that is over ends the program.
struct arguments {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> seconds;
  std::optional<std::uint64_t> rounds;      ///< each with a seed of its own, counting from seed
  std::optional<std::uint64_t> operations;  ///< in a round
  std::vector<sync_policy> policies = {sync_policy::never, sync_policy::every_second,
                                       sync_policy::always};
};

/// Ends the program with a text about its use if that is not understood.
arguments parse(int count, char** words);

std::string name_of(sync_policy policy);

}  // namespace buntdb::model
