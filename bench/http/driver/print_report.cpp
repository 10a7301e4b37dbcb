#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "http/driver/loads.hpp"
#include "http/driver/report.hpp"
#include "http/driver/targets.hpp"
#include "report/text.hpp"

namespace bench::http {

namespace {

struct column {
  std::string_view figure;
  std::size_t width;
};

constexpr column columns_of_wrk[] = {{figure::rate, 12}, {figure::p50, 10}, {figure::p99, 10},
                                     {figure::p999, 10}, {figure::cpu, 13}, {figure::resident, 11},
                                     {figure::errors, 8}};
constexpr column columns_of_own[] = {
    {figure::rate, 12},       {figure::p50, 10},  {figure::p99, 10},          {figure::p999, 10},
    {figure::longest, 10},    {figure::cpu, 13},  {figure::least_served, 14}, {figure::silence, 10},
    {figure::reconnects, 10}, {figure::errors, 8}};

constexpr std::size_t name_width = 28;
constexpr std::size_t spread_width = 8;
constexpr std::size_t ratio_width = 11;

class table {
 public:
  table(const load& load, const run_description& description, const results& results)
      : load_(load), description_(description), results_(results) {}

  void print() const {
    print_line("");
    print_line(name_of(load_));
    std::string head = "  " + padded_right("", name_width);
    for_each_column([&](const column& one) {
      head += padded_left(std::string(one.figure), one.width);
      if (one.figure == figure::rate) head += padded_left("spread", spread_width);
    });
    print_line(head + padded_left("of Go's", ratio_width) + padded_left("of without", ratio_width));
    for (const program& one : description_.programs)
      print_row(one);
  }

 private:
  template <class Call>
  void for_each_column(Call call) const {
    if (load_.made_by == load_program::wrk) {
      for (const column& one : columns_of_wrk)
        call(one);
    } else {
      for (const column& one : columns_of_own)
        call(one);
    }
  }

  void print_row(const program& program) const {
    std::string line = "  " + padded_right(program.name, name_width);
    for_each_column([&](const column& one) {
      const series* const found = find(one.figure, program.name);
      const std::string text = found == nullptr ? "" : text_of(*found);
      line += padded_left(text, one.width);
      if (one.figure == figure::rate) {
        const bool has_spread = found != nullptr && found->values.size() > 1;
        line += padded_left(has_spread ? percent_text(spread(found->values)) : "", spread_width);
      }
    });
    line += padded_left(program.name == name::go ? "" : rate_ratio(program.name, name::go),
                        ratio_width);
    line += padded_left(program.without.empty() ? "" : rate_ratio(program.name, program.without),
                        ratio_width);
    print_line(line);
  }

  std::string rate_ratio(const std::string& one, const std::string& other) const {
    const series* const first = find(figure::rate, one);
    const series* const second = find(figure::rate, other);
    if (first == nullptr || second == nullptr) return "";
    const double share = ratio(*first, *second);
    return std::isfinite(share) ? percent_text(share) : "";  // otherwise nothing was answered
  }

  const series* find(std::string_view figure, const std::string& program) const {
    return results_.find(0, workload_of(load_, figure), program);
  }

  static std::string text_of(const series& one) {
    const double value = median(one.values);
    switch (one.unit) {
      case unit::count:
        return count_text(static_cast<std::size_t>(std::llround(value)));
      case unit::bytes: {
        constexpr double mebi = 1024.0 * 1024.0;
        return std::to_string(std::lround(value / mebi)) + " MiB";
      }
      case unit::nanoseconds:
        break;
    }
    return value_text(value, one.unit);
  }

  const load& load_;
  const run_description& description_;
  const results& results_;
};

void print_original(const results& results) {
  const auto rows = compare_with_original(results);
  if (rows.empty()) return;
  print_line("");
  print_line(
      "The original (SCS 0.1.1 on BuntDB 1.3.2, a quiet machine of two cores, measured before),");
  print_line("and its stand-in here:");
  for (const original_figure& one : rows) {
    constexpr double noteworthy = 0.1;
    const std::string far =
        std::abs(one.difference) > noteworthy ? "  differs by more than 10 %" : "";
    print_line("  " + padded_right(one.row, 56) + padded_left(one.original, 10) +
               padded_left(one.stand_in, 12) + padded_left(percent_text(one.difference), 8) + far);
  }
}

void print_targets(const results& results) {
  const auto checks = check_targets(results);
  if (checks.empty()) return;
  const auto word = [](verdict one) {
    return one == verdict::met ? "  met" : one == verdict::not_met ? "  NOT MET" : "";
  };
  print_line("");
  print_line("Targets");
  for (const check& one : checks) {
    print_line("  " + padded_right(one.row, 82) + padded_right(one.target, 40) +
               padded_left(one.measured, 10) + word(one.met) +
               (one.remark.empty() ? "" : "  " + one.remark));
  }
}

}  // namespace

void print_report(const run_description& description, const results& results) {
  facts setups;
  for (const program& one : description.programs)
    setups.emplace_back(one.name, one.setup);
  if (std::none_of(description.programs.begin(), description.programs.end(),
                   [](const program& one) { return one.name == name::go; })) {
    setups.emplace_back(name::go, "not built: there is no Go, or no sources of BuntDB");
  }
  facts machine = description.machine;
  machine.emplace_back("other work", description.other_work);
  print_facts("machine", machine, name_width);
  print_facts("programs", setups, name_width);
  const options& chosen = description.chosen;
  char text[128];
  std::snprintf(text, sizeof text, "Medians of %u rounds of %g s in turns; many sessions: %zu.",
                chosen.repeat, chosen.seconds, chosen.sessions);
  print_line("");
  print_line(text);
  print_line("spread: the middle half of the rounds, divided by the median. CPU/request: of the");
  print_line("server. resident: its memory after the load. of Go's, of without: the median of the");
  print_line(
      "rounds' ratios of requests/s, to the Go stand-in and to the program without sessions.");
  print_line("silence: the longest time in which one connection waited and got no answer.");
  for (const load& load : all_loads())
    table(load, description, results).print();
  // SCS was measured with its default policy only.
  if (chosen.sync.empty() || chosen.sync == "every_second") print_original(results);
  print_targets(results);
}

}  // namespace bench::http
