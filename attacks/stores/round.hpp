#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "stores/engines/engine.hpp"
#include "support/figures.hpp"

namespace buntdb::attacks::stores {

struct round_options {
  std::chrono::seconds length{20};
  int threads = 8;
  /// Empty: faults are drawn at random; "none": there are none.
  std::string only_fault{};
  /// The number of sessions that a user may have. If empty, each round draws one.
  std::optional<int> max_sessions{};
};

/// One round: load and faults, then everything is healed and checked. Throws model::mismatch at a
/// violation.
void run_round(engine& servers, const std::string& name, std::uint64_t seed,
               const round_options& options, figures& counts);

}  // namespace buntdb::attacks::stores
