#include <algorithm>

#include "report/report.hpp"
#include "report/targets.hpp"
#include "report/text.hpp"

namespace bench {

namespace {

void print_row(const series& row, bool first, const series* ours) {
  std::string line = "  " + padded_right(first ? row.workload : "", 37);
  line += padded_right(row.contender, 19);
  line += padded_left(value_text(median(row.values), row.unit), 10);
  line += padded_left(row.values.size() > 1 ? percent_text(spread(row.values)) : "", 9);
  const bool has_cpu = !row.cpu_values.empty();
  line += padded_left(has_cpu ? value_text(median(row.cpu_values), row.unit) : "", 11);
  line += padded_left(has_cpu ? percent_text(spread(row.cpu_values)) : "", 8);
  const bool is_ours = ours == nullptr || ours == &row;
  line += padded_left(is_ours ? "" : ratio_text(ratio(*ours, row)), 11);
  print_line(line);
}

/// Returns the figure to which the ratios of a workload refer: that of this project, or of a store
/// built on it.
const series* ours_of(const results& results, std::size_t sessions, const std::string& workload) {
  for (const char* name : {"buntdb", "buntdb, always", "buntstore", "bunt", "redis", "postgres"}) {
    if (const series* found = results.find(sessions, workload, name)) return found;
  }
  return nullptr;
}

void print_size(const results& results, std::size_t sessions) {
  print_line("");
  print_line(count_text(sessions) + " sessions");
  print_line("  " + padded_right("workload", 37) + padded_right("contender", 19) +
             padded_left("median", 10) + padded_left("spread", 9) + padded_left("CPU time", 11) +
             padded_left("spread", 8) + padded_left("ours/this", 11));
  std::vector<std::string> printed;
  for (const series& lead : results.all()) {
    if (lead.sessions != sessions) continue;
    bool known = false;
    for (const std::string& name : printed)
      known = known || name == lead.workload;
    if (known) continue;
    printed.push_back(lead.workload);
    const series* ours = ours_of(results, sessions, lead.workload);
    bool first = true;
    const auto print = [&](const series& row) {
      print_row(row, first, ours);
      first = false;
    };
    if (ours != nullptr) print(*ours);
    for (const series& row : results.all()) {
      if (row.sessions == sessions && row.workload == lead.workload && &row != ours) print(row);
    }
  }
}

void print_targets(const run_description& description, const results& results) {
  const auto checks = check_targets(results, description.sessions);
  if (checks.empty()) return;
  print_line("");
  print_line("Goals, stated for " + count_text(target_sessions) +
             " sessions; the floor is measured in this run.");
  constexpr std::size_t row_width = 35;
  constexpr std::size_t goal_width = 44;
  constexpr std::size_t figure_width = 18;
  constexpr std::size_t floor_width = 26;
  print_line("  " + padded_right("row", row_width) + padded_right("goal", goal_width) +
             padded_left("figure", figure_width) + "  " + padded_right("floor", floor_width) +
             "verdict");
  for (const target_check& check : checks) {
    print_line("  " + padded_right(check.row, row_width) + padded_right(check.goal, goal_width) +
               padded_left(check.figure, figure_width) + "  " +
               padded_right(check.floor, floor_width) + (check.met ? "met" : "NOT MET"));
  }
}

}  // namespace

void print_report(const run_description& description, const results& results) {
  constexpr std::size_t width = 16;
  facts machine = description.machine;
  machine.emplace_back("other work", description.other_work);
  print_facts("machine", machine, width);
  print_facts("contenders", description.setups, width);
  print_line("");
  print_line("Medians of " + std::to_string(description.rounds) +
             " rounds. spread: the middle half of the rounds, divided by the median.");
  print_line("CPU time: without what the thread waited for a core; where one thread did the work.");
  print_line("ours/this: the median of the rounds' ratios, of the time on the wall.");
  std::vector<std::size_t> sizes;
  for (const series& one : results.all()) {
    if (std::find(sizes.begin(), sizes.end(), one.sessions) == sizes.end()) {
      sizes.push_back(one.sessions);
      print_size(results, one.sessions);
    }
  }
  print_targets(description, results);
}

}  // namespace bench
