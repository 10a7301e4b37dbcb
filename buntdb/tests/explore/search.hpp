#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "memory_model.hpp"
#include "operation.hpp"

namespace explore {

/// Enumerates all schedules of a few threads, one whole execution after the other: depth first,
/// each time from the beginning. Schedules differ in which thread runs its next operation, and in
/// which of several possible values a load returns.
///
/// Executions that differ only in the order of independent operations are equivalent, and one of
/// them is enough. So another thread is tried at a point only if a later operation could come first
/// there, and its order relative to the one that was run makes a difference. This is the algorithm
/// Source-DPOR of Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction"
/// (2014), with Godefroid's sleep sets. It cannot be combined with a bound of preemptions; with
/// such a bound, all threads are tried at every point.
class search {
 public:
  enum class reduction {
    none,
    sleep_sets,  ///< only these
    full,
  };

  explicit search(reduction wanted) : reduction_(wanted) {}
  explicit search(std::optional<unsigned> max_preemptions)
      : reduction_(max_preemptions ? reduction::none : reduction::full),
        max_preemptions_(max_preemptions) {}

  /// Begins an execution.
  void restart() noexcept { depth_ = 0; }

  /// Returns the thread to run next. `next` has the next operation of each thread, or nothing for a
  /// thread that has ended or must wait. Returns nothing if another execution is equivalent to
  /// everything that could follow: the caller then runs the threads to their end in any order and
  /// calls neither pick() nor choose().
  std::optional<unsigned> pick(std::span<const std::optional<operation>> next);

  /// Returns a number below `count`, for the operation of the thread just picked. Zero comes first.
  unsigned choose(unsigned count);

  /// Call it after an execution. Returns false if it was the last one.
  bool advance();

  /// Returns the number of operations so far, including that of the thread just picked.
  std::size_t depth() const noexcept { return depth_; }

  /// Returns whether the thread just picked could have run its operation before another one, the
  /// last of the given depth, with the same effect: that is, if that other operation did not
  /// influence it. Then a load need not return again what it would have returned there.
  bool could_precede(std::size_t depth) const noexcept;

  std::uint64_t points() const noexcept { return points_; }  ///< at which a thread was picked

 private:
  using thread_set = std::uint32_t;  ///< as bits

  struct point {
    thread_set runnable = 0;
    thread_set asleep = 0;
    thread_set wanted = 0;  ///< to be tried
    thread_set tried = 0;
    unsigned thread = 0;
    std::optional<operation> next{};  ///< of this thread
    vector_clock past{};  ///< for each thread, the depth of what influences the thread's state
    vector_clock now{};   ///< and its operation
    unsigned choice = 0;
    unsigned choices = 1;
    unsigned preemptions = 0;  ///< before it
  };

  bool add_point(std::span<const std::optional<operation>> next);
  unsigned preemptions_before(std::size_t at) const noexcept;
  thread_set asleep_after(const point& before,
                          std::span<const std::optional<operation>> next) const noexcept;
  thread_set allowed(std::size_t at) const noexcept;
  void trace();
  void trace_lock();
  void reverse(std::size_t at, const vector_clock& before_last);

  const reduction reduction_;
  const std::optional<unsigned> max_preemptions_ = {};
  std::vector<point> path_;
  std::size_t depth_ = 0;
  thread_set asleep_ = 0;  ///< before the next point
  std::uint64_t points_ = 0;
};

}  // namespace explore
