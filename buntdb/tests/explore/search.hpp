#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "operation.hpp"

namespace explore {

class memory_model;

/// Walks through all schedules of a few threads, one whole execution after the other: depth first,
/// each time from the beginning. What differs is which thread runs its next operation, and which of
/// several possible values a load returns.
///
/// Executions that differ only in the order of operations that do not depend on each other are the
/// same, and one of them is enough: Godefroid's sleep sets. A thread whose next operation has been
/// tried at a point sleeps in what is tried there next, until something happens that its operation
/// depends on. With a bound of preemptions, which they do not go with, there are no sleep sets.
class search {
 public:
  explicit search(std::optional<unsigned> max_preemptions) : max_preemptions_(max_preemptions) {}

  /// Begins an execution.
  void restart() noexcept { depth_ = 0; }

  /// The thread to run next. `next` has the next operation of each thread, none for one that has
  /// ended or must wait. None if another execution is the same as whatever could follow: then the
  /// caller runs the threads to their end as it likes and calls neither pick() nor choose().
  std::optional<unsigned> pick(std::span<const std::optional<operation>> next,
                               const memory_model& model);

  /// A number below count, for the operation of the thread just picked. Zero first.
  unsigned choose(unsigned count);

  /// After an execution: false if it was the last one.
  bool advance();

  /// Whether what another execution shows as well is left out.
  bool is_reduced() const noexcept { return !max_preemptions_; }

  std::uint64_t points() const noexcept { return points_; }  ///< at which there was something to pick

 private:
  struct point {
    std::uint32_t runnable;  ///< sets of threads, as bits
    std::uint32_t asleep;
    std::uint32_t tried;
    unsigned thread;
    std::optional<operation> next;  ///< of this thread
    unsigned choice = 0;
    unsigned choices = 1;
    unsigned preemptions;  ///< before it
  };

  std::uint32_t asleep_after(const point& before,
                             std::span<const std::optional<operation>> next,
                             const memory_model& model) const noexcept;
  std::uint32_t allowed(std::size_t at) const noexcept;

  const std::optional<unsigned> max_preemptions_;
  std::vector<point> points_on_path_;
  std::size_t depth_ = 0;
  std::uint32_t asleep_ = 0;  ///< before the next point
  std::uint64_t points_ = 0;
};

}  // namespace explore
