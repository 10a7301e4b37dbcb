#include "harness/results.hpp"

#include <algorithm>

namespace bench {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double spread(const std::vector<double>& values) {
  const double middle = median(values);
  if (values.size() < 2 || middle == 0) return 0;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
  };
  return (at(0.75) - at(0.25)) / middle;
}

double ratio(const series& one, const series& other) {
  const std::vector<double>& ours = one.values;
  const std::vector<double>& theirs = other.values;
  if (ours.size() != theirs.size()) return median(ours) / median(theirs);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i)
    ratios.push_back(ours[i] / theirs[i]);
  return median(std::move(ratios));
}

void results::add(std::size_t sessions, std::string_view workload, std::string_view contender,
                  unit unit, double value, std::optional<double> cpu_value) {
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const series& one) {
    return one.sessions == sessions && one.workload == workload && one.contender == contender;
  });
  series& place = known != all_.end()
                      ? *known
                      : all_.emplace_back(series{
                            sessions, std::string(workload), std::string(contender), unit, {}, {}});
  place.values.push_back(value);
  if (cpu_value) place.cpu_values.push_back(*cpu_value);
}

const series* results::find(std::size_t sessions, std::string_view workload,
                            std::string_view contender) const {
  for (const series& one : all_) {
    if (one.sessions == sessions && one.workload == workload && one.contender == contender) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace bench
