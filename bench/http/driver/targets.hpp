#pragma once

#include <string>
#include <vector>

#include "harness/results.hpp"
namespace bench::http {

enum class verdict { met, not_met, not_stated };

struct check {
  std::string row;
  std::string target;
  std::string measured;
  verdict met = verdict::not_stated;
  std::string remark = {};
};

/// Returns the goals for which there are figures: those of the programs as they are shipped.
std::vector<check> check_targets(const results& results);

struct original_figure {
  std::string row;
  std::string original;
  std::string stand_in;
  double difference;  ///< (stand-in - SCS) / SCS
};

/// Compares the figures of SCS 0.1.1 on BuntDB 1.3.2, from a quiet machine of two cores, with those
/// of its stand-in here.
std::vector<original_figure> compare_with_original(const results& results);

}  // namespace bench::http
