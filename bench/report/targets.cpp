#include "report/targets.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "report/text.hpp"

namespace bench {

namespace {

constexpr const char* go_buntdb = "BuntDB (Go)";

/// The figure of a bare program, for this workload or another one.
struct floor_of {
  const char* workload = nullptr;
  const char* contender = nullptr;
  double factor = 1;
  const char* name = "";
};
constexpr floor_of one_write{"save", "write(2)", 1, "write(2)"};
constexpr floor_of two_loads{"growth: find", "dependent load", 2, "two loads"};

class checker {
 public:
  checker(const results& results, std::size_t sessions) : results_(results), sessions_(sessions) {}

  /// Requires that a workload takes at most `factor` times as long as the other one does. The floor
  /// is printed with it.
  void at_most(const char* workload, const char* other, double factor, const floor_of& floor = {},
               const char* us = "buntdb") {
    const series* ours = find(workload, us);
    const series* theirs = find(workload, other);
    if (ours == nullptr || theirs == nullptr) return;
    const double measured = ratio(*ours, *theirs);
    add(workload, "at most " + ratio_text(factor) + " × " + other, ratio_text(measured) + " ×",
        text_of(floor, *theirs), measured <= factor);
  }

  void at_most(const char* workload, double limit, const char* us = "buntdb") {
    const series* ours = find(workload, us);
    if (ours == nullptr) return;
    const double value = median(ours->values);
    add(workload, "at most " + value_text(limit, ours->unit), value_text(value, ours->unit), "",
        value <= limit);
  }

  void faster_than_all(const char* workload, std::initializer_list<const char*> peers,
                       const floor_of& floor) {
    const series* ours = find(workload, "buntdb");
    if (ours == nullptr) return;
    const series* closest = nullptr;
    for (const char* name : peers) {
      const series* theirs = find(workload, name);
      if (theirs != nullptr &&
          (closest == nullptr || ratio(*ours, *theirs) > ratio(*ours, *closest)))
        closest = theirs;
    }
    if (closest == nullptr) return;
    const double measured = ratio(*ours, *closest);
    add(workload, "faster than every peer", ratio_text(measured) + " × " + closest->contender,
        text_of(floor, *closest), measured < 1);
  }

  void two_threads() {
    constexpr double least = 1.8;
    const series* one = find("find", "buntdb");
    const series* two = find("find, 2 threads", "buntdb");
    if (one == nullptr || two == nullptr) return;
    const double measured = ratio(*one, *two);
    add("find, 2 threads", "at least " + ratio_text(least) + " × the rate of one",
        ratio_text(measured) + " ×", "2 × (no common work)", measured >= least);
  }

  void stalls() {
    if (const series* waits = find("waits of finds beside a compaction", "buntdb")) {
      const double count = median(waits->values);
      add("longest find beside a compaction", "no reader waits",
          value_text(count, unit::count) + "waits", "", count == 0);
    }
    const series* longest = find("longest save beside a compaction", "buntdb");
    const series* sync = find("longest save beside a compaction", "one sync");
    if (longest == nullptr || sync == nullptr) return;
    const double limit = 5e6 + median(sync->values);
    const double value = median(longest->values);
    add("longest save beside a compaction",
        "at most 5 ms and a sync: " + value_text(limit, unit::nanoseconds),
        value_text(value, unit::nanoseconds),
        value_text(median(sync->values), unit::nanoseconds) + " (one sync)", value <= limit);
  }

  /// Requires that an operation takes no more loads than at the smallest size that fits into no
  /// cache.
  void growth(const std::vector<std::size_t>& sizes) {
    constexpr std::size_t in_no_cache = 1'000'000;
    constexpr double tolerated = 1.25;
    for (const char* workload : {"growth: find", "growth: overwrite in memory"}) {
      std::vector<double> loads;
      for (const std::size_t size : sizes) {
        const series* ours = results_.find(size, workload, "buntdb");
        const series* chain = results_.find(size, workload, "dependent load");
        if (size >= in_no_cache && ours != nullptr && chain != nullptr)
          loads.push_back(ratio(*ours, *chain));
      }
      if (loads.size() < 2) continue;
      add(workload, "from 10^6 on, at most " + ratio_text(tolerated) + " times the loads",
          ratio_text(loads.front()) + " to " + ratio_text(loads.back()) + " loads",
          "2 loads (leaf, item)", loads.back() <= tolerated * loads.front());
    }
  }

  std::vector<target_check> take() { return std::move(checks_); }

 private:
  /// Returns the floor, as a multiple of what the other one takes.
  std::string text_of(const floor_of& floor, const series& other) const {
    if (floor.workload == nullptr) return {};
    const series* limit = find(floor.workload, floor.contender);
    if (limit == nullptr) return {};
    const double least = floor.factor * median(limit->values) / median(other.values);
    return ratio_text(least) + " × (" + floor.name + ")";
  }
  const series* find(std::string_view workload, std::string_view contender) const {
    return results_.find(sessions_, workload, contender);
  }
  void add(const char* row, std::string goal, std::string figure, std::string floor, bool met) {
    checks_.push_back({row, std::move(goal), std::move(figure), std::move(floor), met});
  }

  const results& results_;
  std::size_t sessions_;
  std::vector<target_check> checks_;
};

void check_reading(checker& checks) {
  constexpr double us = 1e3;
  checks.at_most("find", "unordered_map", 1.0, two_loads);
  checks.at_most("find", "LMDB", 0.5, two_loads);
  checks.at_most("find", go_buntdb, 1.0 / 6, two_loads);
  checks.two_threads();
  checks.at_most("read beside batches, p99.9", 50 * us);
  checks.at_most("ascend 100", 3 * us);
  checks.at_most("mixed 90/10, 2 threads", go_buntdb, 1.0 / 8);
}

void check_writing(checker& checks) {
  checks.faster_than_all("save",
                         {"LMDB", "LevelDB", "RocksDB", "SQLite", "Redis", go_buntdb, "bbolt (Go)"},
                         one_write);
  checks.at_most("save", "write(2)", 2.5, one_write);
  checks.at_most("overwrite", go_buntdb, 0.2, one_write);
  checks.at_most("set with a JSON index", go_buntdb, 0.2, one_write);
  checks.at_most("spatial set", go_buntdb, 0.3, one_write);
  constexpr const char* sync = "write + fdatasync";
  constexpr const char* group = "bare group commit";
  checks.at_most("durable save", sync, 0.9, {}, "buntdb, always");
  checks.at_most("durable save, 16 writers", group, 1.1, {}, "buntdb, always");
  checks.at_most("durable save, 64 writers", group, 1.3, {}, "buntdb, always");
}

void check_the_rest(checker& checks) {
  constexpr double us = 1e3;
  checks.at_most("memory per session", 310);
  checks.at_most("reopen after compaction", go_buntdb, 1.0 / 12,
                 {"reopen", "read(2)", 1, "read(2)"});
  checks.at_most("compact", go_buntdb, 1.0 / 2.5);
  checks.stalls();
  checks.at_most("spatial intersects 100", go_buntdb, 0.2);
  checks.at_most("spatial nearby 10", go_buntdb, 0.2);
  checks.at_most("request: read", 1.5 * us, "buntstore");
  checks.at_most("request: read, write", 4.5 * us, "buntstore");
  checks.at_most("request, one session: read", 0.5 * us, "buntstore");
  checks.at_most("request, one session: read, write", 2.5 * us, "buntstore");
}

}  // namespace

std::vector<target_check> check_targets(const results& results,
                                        const std::vector<std::size_t>& sizes) {
  std::vector<std::size_t> measured;
  for (const series& one : results.all())
    measured.push_back(one.sessions);
  std::sort(measured.begin(), measured.end());
  measured.erase(std::unique(measured.begin(), measured.end()), measured.end());
  std::size_t sessions = 0;
  for (const std::size_t size : sizes)
    if (size <= target_sessions) sessions = std::max(sessions, size);

  checker checks(results, sessions);
  check_reading(checks);
  check_writing(checks);
  check_the_rest(checks);
  checks.growth(measured);
  return checks.take();
}

}  // namespace bench
