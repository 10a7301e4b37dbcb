#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

enum class unit { nanoseconds, bytes, count };

/// All rounds of one figure: one value per round.
struct series {
  std::size_t sessions;
  std::string workload;
  std::string contender;
  bench::unit unit;
  std::vector<double> values;
  /// The same in processor time, if one thread did all the work and none of it on the disk. The
  /// difference to the above was spent waiting for a core.
  std::vector<double> cpu_values;
};

double median(std::vector<double> values);

/// Returns the range of the middle half of the values, as a share of their median. A difference
/// smaller than this means little.
double spread(const std::vector<double>& values);

/// Returns how many times as long one takes as the other: the median over the rounds of the ratio
/// within each round, because a disturbance of one contender in a round often affects its neighbor,
/// too. It is the ratio of wall times, because no thread's time includes the work that peers do in
/// their own threads and processes.
double ratio(const series& one, const series& other);

/// Everything that was measured, in the order in which it was first added.
class results {
 public:
  void add(std::size_t sessions, std::string_view workload, std::string_view contender, unit unit,
           double value, std::optional<double> cpu_value = {});

  const series* find(std::size_t sessions, std::string_view workload,
                     std::string_view contender) const;
  const std::deque<series>& all() const noexcept { return all_; }

 private:
  std::deque<series> all_;
};

}  // namespace bench
