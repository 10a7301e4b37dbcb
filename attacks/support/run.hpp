#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// The exit status of an attack's program, for ctest, if this machine cannot run it: not a pass.
inline constexpr int exit_skipped = 77;

struct description {
  const char* name;
  const char* about;  ///< one line
  /// If the command line does not specify it.
  std::uint64_t default_rounds;
  /// Whether rounds may run concurrently on several threads of this process.
  bool parallel;
};

/// One round: everything in it follows from the seed, as far as the attack can ensure that. Throws
/// model::mismatch (or anything else) at a violation, and `skipped`.
using round_function = std::function<void(std::uint64_t seed, figures& counts)>;

/// Thrown by a round if this machine cannot run the attack; contains the reason.
class skipped : public std::exception {
 public:
  explicit skipped(std::string why) : why_(std::move(why)) {}
  const char* what() const noexcept override { return why_.c_str(); }

 private:
  std::string why_;
};

/// The main() of an attack. Reads
///
///     --seed S        the seed of the first round; the others count from it
///     --rounds N      the number of rounds
///     --seconds N     no new round after that
///     --until F=N     no new round when the figure F has reached N
///     --jobs N        threads, if rounds are independent of each other
///
/// runs the rounds, prints the figures, and returns 0, or 1 at the first violation (with the seed
/// that reproduces it), or exit_skipped.
int run(int count, char** words, const description& what, const round_function& round);

}  // namespace buntdb::attacks
