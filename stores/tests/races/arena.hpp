#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <scs/clock.hpp>
#include <scs/store.hpp>

namespace races {

/// A store to race on, empty at first, and the time that it goes by.
class arena {
 public:
  arena() = default;
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;
  virtual ~arena() = default;

  virtual scs::store& store() = 0;
  virtual const scs::clock& clock() const = 0;
  /// False if nobody can turn that clock: a store in another process.
  virtual bool turn_clock(std::chrono::nanoseconds duration) = 0;
};

using arena_factory = std::function<std::unique_ptr<arena>()>;

/// By the name that scs_races --store takes. A store of one's own is one more line in arena.cpp.
const std::vector<std::pair<std::string, arena_factory>>& arenas();

/// Stores that break their contract, to see that the races notice: names for make_broken().
const std::vector<std::string>& broken_names();

/// A store in front of `inner`, which outlives it, with the fault of this name.
std::unique_ptr<scs::store> make_broken(const std::string& name, scs::store& inner);

}  // namespace races
