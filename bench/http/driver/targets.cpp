#include "http/driver/targets.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string_view>

#include "http/driver/loads.hpp"
#include "http/driver/programs.hpp"
#include "report/text.hpp"

namespace bench::http {

namespace {

load at(const char* path, cookies used, std::size_t connections) {
  return {.path = path, .cookies = used, .connections = connections};
}

/// From this version on, serve() keeps connections open.
bool httplib_keeps_connections() {
  int major = 0;
  int minor = 0;
  return std::sscanf(BENCH_HTTPLIB_VERSION, "%d.%d", &major, &minor) == 2 &&
         (major > 0 || minor >= 52);
}

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

std::string text_of(double value, unit unit) {
  return unit == unit::count ? count_text(static_cast<std::size_t>(std::llround(value))) + "   "
                             : value_text(value, unit);
}

class checker {
 public:
  explicit checker(const results& results) : results_(results) {}

  /// Requires that a program's rate is at least `least` times that of the other one; printed as a
  /// percentage if that is below 1.
  void rate(const load& load, const char* program, const char* other, double least,
            const char* remark = "") {
    const series* const ours = find(load, figure::rate, program);
    const series* const theirs = find(load, figure::rate, other);
    if (ours == nullptr || theirs == nullptr) return;
    const double measured = ratio(*ours, *theirs);
    const auto text = [&](double value) {
      return least < 1 ? percent(value) : ratio_text(value) + " x";
    };
    add(load, figure::rate, program, "at least " + text(least) + " of " + other, text(measured),
        measured >= least, remark);
  }

  /// Requires that the figure is at most that of the other one; medians over the rounds.
  void not_above(const load& load, std::string_view figure, const char* program,
                 const char* other) {
    const series* const ours = find(load, figure, program);
    const series* const theirs = find(load, figure, other);
    if (ours == nullptr || theirs == nullptr) return;
    const double measured = median(ours->values);
    const double most = median(theirs->values);
    add(load, figure, program, "at most that of " + std::string(other) + ", " + time(most),
        time(measured), measured <= most);
  }

  void at_most(const load& load, std::string_view figure, const char* program, double max_ns) {
    if (const series* const ours = find(load, figure, program)) {
      const double measured = median(ours->values);
      add(load, figure, program, "at most " + time(max_ns), time(measured), measured <= max_ns);
    }
  }

  void never_above(const load& load, std::string_view figure, const char* program, double max_ns) {
    if (const series* const ours = find(load, figure, program)) {
      const double measured = *std::max_element(ours->values.begin(), ours->values.end());
      add(load, figure, program, "in no round above " + time(max_ns), time(measured),
          measured <= max_ns);
    }
  }

  std::vector<check> take() { return std::move(checks_); }

 private:
  const series* find(const load& load, std::string_view figure, const char* program) const {
    return results_.find(0, workload_of(load, figure), program);
  }

  static std::string time(double ns) { return value_text(ns, unit::nanoseconds); }

  /// A remark says why a goal does not count here.
  void add(const load& load, std::string_view figure, const char* program, std::string target,
           std::string measured, bool met, const char* remark = "") {
    verdict found = met ? verdict::met : verdict::not_met;
    if (*remark != '\0') found = verdict::not_stated;
    checks_.push_back({.row = std::string(program) + ": " + workload_of(load, figure),
                       .target = std::move(target),
                       .measured = std::move(measured),
                       .met = found,
                       .remark = remark});
  }

  const results& results_;
  std::vector<check> checks_;
};

load made_by_ours(std::size_t connections) {
  load found = at("/get", cookies::many, connections);
  found.made_by = load_program::own;
  return found;
}

}  // namespace

std::vector<check> check_targets(const results& results) {
  checker all(results);
  all.rate(at("/get", cookies::many, 1), name::quickstart, name::go, 0.95,
           httplib_keeps_connections()
               ? ""
               : "cpp-httplib " BENCH_HTTPLIB_VERSION
                 ": before 0.52, serve() closes connections after each answer");
  all.rate(at("/get", cookies::many, 32), name::beast, name::go, 2);
  all.rate(at("/put", cookies::many, 32), name::beast, name::go, 1.6);
  for (const std::size_t connections : {32U, 256U}) {
    all.not_above(at("/put", cookies::one, connections), figure::p99, name::beast, name::go);
  }
  all.at_most(at("/get", cookies::many, 32), figure::cpu, name::beast, 8e3);
  all.at_most(at("/get", cookies::many, 32), figure::cpu, name::quickstart, 27e3);
  all.not_above(at("/get", cookies::many, 256), figure::p99, name::quickstart, name::go);
  all.never_above(made_by_ours(256), figure::silence, name::quickstart, 2e9);
  for (const std::size_t connections : {32U, 256U}) {
    all.rate(at("/get", cookies::many, connections), name::beast, name::beast_without, 0.9);
    all.rate(at("/put", cookies::many, connections), name::beast, name::beast_without, 0.7);
  }
  return all.take();
}

std::vector<original_figure> compare_with_original(const results& results) {
  struct row {
    load measured;
    std::string_view figure;
    double original;
  };
  std::vector<original_figure> all;
  for (const row& one : {row{at("/get", cookies::many, 1), figure::rate, 17'500},
                         row{at("/get", cookies::many, 32), figure::rate, 67'000},
                         row{at("/put", cookies::many, 32), figure::rate, 47'600},
                         row{at("/put", cookies::one, 32), figure::p99, 5.4e6},
                         row{at("/put", cookies::one, 256), figure::p99, 16e6},
                         row{at("/get", cookies::many, 32), figure::cpu, 25e3},
                         row{at("/get", cookies::many, 256), figure::p99, 11e6}}) {
    const std::string workload = workload_of(one.measured, one.figure);
    const series* const found = results.find(0, workload, name::go);
    if (found == nullptr) continue;
    const double here = median(found->values);
    all.push_back({.row = workload,
                   .original = text_of(one.original, found->unit),
                   .stand_in = text_of(here, found->unit),
                   .difference = (here - one.original) / one.original});
  }
  return all;
}

}  // namespace bench::http
