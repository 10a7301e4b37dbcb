#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario.hpp"
#include "version/reader_slots.hpp"

namespace {

using explore::scenario;

constexpr std::string_view usage =
    "usage: %s [OPTION…]\n"
    "\n"
    "Runs the reader slots and the reclaimer through all schedules of a few threads, with all "
    "values\n"
    "that loads may return. Without options that describe a scenario: a list of them.\n"
    "\n"
    "  --readers N       threads that read (1)\n"
    "  --versions N      versions that are published (2)\n"
    "  --pins N          pins that each reader takes (1)\n"
    "  --overlap         a reader takes the next pin before it gives back the last\n"
    "  --keep            readers keep their last pin until the threads have ended\n"
    "  --crowded         somebody else keeps the first slot to the end\n"
    "  --separate        one thread publishes, another one reclaims\n"
    "  --budget N        objects that one call of collect() looks at (no limit)\n"
    "  --preemptions N   leave out schedules that interrupt threads more often (no limit)\n"
    "  --check-reduction find the same outcomes again with sleep sets only, which takes longer\n"
    "  --executions N    stop after this number, for each scenario (no limit)\n"
    "  --quick           a shorter list\n"
    "  --help\n"
    "\n"
    "In a trace, a slot is 0 when it is free, 2e + 1 for \"from epoch e on\", 2v for version v.\n"
    "Ends with 1 at a violation.\n";

struct arguments {
  std::optional<scenario> only;
  std::optional<unsigned> max_preemptions;
  std::uint64_t max_executions = 0;
  bool quick = false;
  bool check_reduction = false;
};

[[noreturn]] void explain(const char* program, int status) {
  std::fprintf(status == 0 ? stdout : stderr, usage.data(), program);
  std::exit(status);
}

std::optional<unsigned> number_in(std::string_view word) {
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (problem != std::errc() || end != word.data() + word.size()) return {};
  return number;
}

/// Returns false if there is no such option.
bool set_flag(arguments& result, scenario& described, std::string_view option) {
  if (option == "--quick") {
    result.quick = true;
    return true;
  }
  if (option == "--check-reduction") {
    result.check_reduction = true;
    return true;
  }
  bool* flag = nullptr;
  if (option == "--overlap") flag = &described.overlap;
  if (option == "--keep") flag = &described.keep;
  if (option == "--crowded") flag = &described.crowded;
  if (option == "--separate") flag = &described.separate;
  if (flag == nullptr) return false;
  *flag = true;
  result.only = described;
  return true;
}

/// Does the same for an option with a number.
bool set_number(arguments& result, scenario& described, std::string_view option, unsigned number) {
  if (option == "--executions") {
    result.max_executions = number;
    return true;
  }
  if (option == "--preemptions") {
    result.max_preemptions = number;
    return true;
  }
  if (option == "--readers") {
    described.readers = number;
  } else if (option == "--versions") {
    described.versions = number;
  } else if (option == "--pins") {
    described.pins = number;
  } else if (option == "--budget") {
    described.budget = number;
  } else {
    return false;
  }
  result.only = described;
  return true;
}

arguments parse(int count, char** words) {
  arguments result;
  scenario described;
  for (int i = 1; i < count; ++i) {
    const std::string_view option = words[i];
    if (option == "--help") explain(words[0], 0);
    if (set_flag(result, described, option)) continue;
    const std::optional<unsigned> number =
        i + 1 < count ? number_in(words[i + 1]) : std::optional<unsigned>();
    if (!number || !set_number(result, described, option, *number)) explain(words[0], 2);
    ++i;
  }
  return result;
}

/// A scenario, and how often its threads may be preempted.
struct bounded {
  scenario what;
  std::optional<unsigned> max_preemptions = {};
};

std::vector<bounded> list(bool quick) {
  if (quick) {
    return {
        {{.readers = 1, .versions = 3, .pins = 2, .overlap = true, .keep = true}},
        {{.readers = 1, .versions = 2, .pins = 2, .separate = true}},
        {{.readers = 1, .versions = 2, .pins = 2, .crowded = true}},
        {{.readers = 2, .versions = 1, .pins = 1}},
    };
  }
  return {
      {{.readers = 1, .versions = 3, .pins = 3, .overlap = true, .keep = true}},
      {{.readers = 1, .versions = 4, .pins = 2, .overlap = true, .keep = true, .budget = 1}},
      {{.readers = 1, .versions = 2, .pins = 3, .overlap = true, .separate = true}},
      {{.readers = 1, .versions = 2, .pins = 2, .overlap = true, .crowded = true}},
      {{.readers = 1, .versions = 3, .pins = 2, .keep = true, .crowded = true}},
      {{.readers = 1, .versions = 2, .pins = 1, .crowded = true, .separate = true}},
      {{.readers = 2, .versions = 2, .pins = 1}},
      {{.readers = 2, .versions = 2, .pins = 1, .keep = true}},
      {{.readers = 2, .versions = 2, .pins = 1, .budget = 1}},
      {{.readers = 2, .versions = 1, .pins = 1, .separate = true}},
      {{.readers = 2, .versions = 1, .pins = 1, .crowded = true}, 1},
  };
}

/// Returns false if outcomes are missing.
bool explore_one(const bounded& each, const arguments& given) {
  const scenario& what = each.what;
  using explore::search;
  const auto begin = std::chrono::steady_clock::now();
  const explore::figures found =
      explore_all(what, search(each.max_preemptions), given.max_executions);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::string bound;
  if (each.max_preemptions) {
    bound = ", preemptions at most " + std::to_string(*each.max_preemptions);
  }
  std::printf(
      "%s%s: %llu executions (and %llu given up as redundant), %zu outcomes, %llu points, %.1f s\n",
      describe(what).c_str(), bound.c_str(), static_cast<unsigned long long>(found.executions),
      static_cast<unsigned long long>(found.redundant), found.outcomes.size(),
      static_cast<unsigned long long>(found.points), took.count());
  std::fflush(stdout);
  if (!given.check_reduction) return true;
  const explore::figures again = explore_all(what, search(search::reduction::sleep_sets), 0);
  std::printf("with sleep sets only: %llu executions, %zu outcomes\n",
              static_cast<unsigned long long>(again.executions), again.outcomes.size());
  return again.outcomes == found.outcomes;
}

}  // namespace

int main(int count, char** words) try {
  const arguments given = parse(count, words);
  const std::vector<bounded> all =
      given.only ? std::vector<bounded>{{*given.only, given.max_preemptions}} : list(given.quick);
  for (const bounded& each : all) {
    if (!explore_one(each, given)) {
      std::puts("the reduction leaves out outcomes");
      return 2;
    }
  }
  return 0;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 2;
}
