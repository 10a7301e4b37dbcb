#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// Returns the memory of a process in KiB; 0 if there is no such process.
std::uint64_t resident_kib(pid_t process);

/// Samples of a figure that must not grow once a load has warmed up. Used by one thread.
class growth_check {
 public:
  /// The allowance is the growth permitted in addition to a tenth, in the figure's unit.
  growth_check(std::string figure, std::uint64_t allowance)
      : figure_(std::move(figure)), allowance_(allowance) {}

  void add(std::uint64_t sample) { samples_.push_back(sample); }

  /// Throws model::mismatch if the maximum of the last third of the samples exceeds that of the
  /// second third by more than a tenth and the allowance. The first third is for warming up. Counts
  /// both maxima. Fewer than fifteen samples are not checked.
  void require_none(figures& counts) const;

 private:
  std::string figure_;
  std::uint64_t allowance_;
  std::vector<std::uint64_t> samples_;
};

}  // namespace buntdb::attacks
