#pragma once

#include <cstddef>
#include <filesystem>
#include <regex>
#include <string>
#include <string_view>

#include "harness/common_options.hpp"
#include "harness/results.hpp"
#include "harness/timing.hpp"

namespace bench {

/// One size of one run: what every workload needs to know, and where its figures go.
struct run {
  const common_options& options;
  bench::results& results;
  std::filesystem::path folder;  ///< for files; emptied afterward
  std::size_t sessions;

  bool wants(std::string_view workload, std::string_view contender) const {
    const std::string name = std::string(workload) + "/" + std::string(contender);
    return std::regex_search(name, std::regex(options.filter));
  }

  /// Returns how often to do something in one round that a full run does this often.
  std::size_t amount(std::size_t full) const { return options.quick ? full / 200 + 2 : full; }

  void add(std::string_view workload, std::string_view contender, const timing& taken,
           std::size_t operations) {
    const auto count = static_cast<double>(operations);
    results.add(sessions, workload, contender, unit::nanoseconds, taken.wall_ns / count,
                taken.cpu_ns / count);
  }
  void add(std::string_view workload, std::string_view contender, unit unit, double value) {
    results.add(sessions, workload, contender, unit, value);
  }
};

}  // namespace bench
