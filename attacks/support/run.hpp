#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// Ends an attack's program, and its entry in ctest, when this machine cannot run it: not a pass.
inline constexpr int exit_skipped = 77;

struct description {
  const char* name;
  const char* about;  ///< one line
  /// When the command line says nothing else.
  std::uint64_t default_rounds;
  /// Whether rounds may run on several threads of this process at once.
  bool parallel;
};

/// One round: everything in it follows from the seed, as far as the attack can see to that. Throws
/// model::mismatch (or anything else) at a violation, and `skipped`.
using round_function = std::function<void(std::uint64_t seed, figures& counts)>;

/// What a round throws when this machine cannot run the attack; says why.
class skipped : public std::exception {
 public:
  explicit skipped(std::string why) : why_(std::move(why)) {}
  const char* what() const noexcept override { return why_.c_str(); }

 private:
  std::string why_;
};

/// The main() of an attack. Reads
///
///   --seed S        of the first round; the others count from it
///   --rounds N      so many rounds
///   --seconds N     no new round after that
///   --until F=N     no new round when the figure F has reached N
///   --jobs N        threads, where rounds are independent of each other
///
/// runs the rounds, prints the figures, and gives 0, or 1 at the first violation (with the seed
/// that shows it again), or exit_skipped.
int run(int count, char** words, const description& what, const round_function& round);

}  // namespace buntdb::attacks
