#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/options.hpp>

namespace buntdb::model {

/// The command line. Of seconds and rounds, the limit that is reached first ends the program.
struct arguments {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> seconds;
  std::optional<std::uint64_t> rounds;      ///< each with its own seed, counting from `seed`
  std::optional<std::uint64_t> operations;  ///< in a round
  std::vector<sync_policy> policies = {sync_policy::never, sync_policy::every_second,
                                       sync_policy::always};
};

/// If the command line is not understood, prints the usage and ends the program.
arguments parse(int count, char** words);

std::string name_of(sync_policy policy);

}  // namespace buntdb::model
