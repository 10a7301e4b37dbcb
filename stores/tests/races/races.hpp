#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fixtures/store_fixture.hpp"
#include "model.hpp"

namespace races {

/// The result of a run. Each interleaving has its own seed, counted from the first.
struct outcome {
  std::uint64_t interleavings = 0;
  std::size_t pauses = 0;
  model::counts counted{};
  /// The seed of the first interleaving that broke a rule.
  std::optional<std::uint64_t> failed_seed{};
  std::string violation{};
  /// What happened in it, one step a line.
  std::string trace{};
};

/// Runs interleavings until one breaks a rule. See make_broken() for `broken`. Empty: the store as
/// it is.
outcome race(const test::make_store_fixture& factory, std::uint64_t seed,
             std::uint64_t interleavings, const std::string& broken = {});

}  // namespace races
