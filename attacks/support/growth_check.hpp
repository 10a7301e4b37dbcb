#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// What a process has in memory, in KiB; 0 if there is no such process.
std::uint64_t resident_kib(pid_t process);

/// Samples of a figure that must not grow once a load has warmed up. One thread.
class growth_check {
 public:
  /// The allowance is what may come on top of a tenth, in the figure's unit.
  growth_check(std::string figure, std::uint64_t allowance)
      : figure_(std::move(figure)), allowance_(allowance) {}

  void add(std::uint64_t sample) { samples_.push_back(sample); }

  /// Throws model::mismatch if the last third of the samples has a greater one than the second
  /// third, by more than a tenth and the allowance; the first third warms up. Counts the greatest
  /// of both. Fewer than fifteen samples show nothing.
  void require_none(figures& counts) const;

 private:
  std::string figure_;
  std::uint64_t allowance_;
  std::vector<std::uint64_t> samples_;
};

}  // namespace buntdb::attacks
