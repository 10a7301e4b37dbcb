#include "report/targets.hpp"

#include <algorithm>
#include <initializer_list>

#include "report/text.hpp"

namespace bench {

namespace {

constexpr const char* bunt = "BuntDB (Go)";

verdict of(bool met) {
  return met ? verdict::met : verdict::not_met;
}

class checker {
 public:
  checker(const results& results, std::size_t sessions) : results_(results), sessions_(sessions) {
    if (const series* map = find("find", "unordered_map")) {
      constexpr double there_ns = 800;
      scale_ = median(map->values) / there_ns;
    }
  }

  /// Requires that this project is `times` times as fast as BuntDB, which took newer_ns in its
  /// version 1.3.2.
  void faster(const char* workload, double times, double newer_ns, const char* us = "buntdb") {
    const series* ours = find(workload, us);
    const series* theirs = find(workload, bunt);
    if (ours == nullptr) return;
    target_check check{
        .row = workload, .target = ratio_text(times) + " × BuntDB", .measured = "", .scaled = ""};
    if (theirs != nullptr) {
      const double measured = 1 / ratio(*ours, *theirs);
      check.measured = ratio_text(measured) + " ×";
      check.here = of(measured >= times);
    }
    if (newer_ns > 0 && scale_ > 0) {
      const double measured = newer_ns * scale_ / median(ours->values);
      check.scaled = ratio_text(measured) + " ×";
      check.against_newer = of(measured >= times);
    }
    if (theirs != nullptr || check.against_newer != verdict::not_stated) add(check);
  }

  /// Requires that this project takes at most `factor` times as long as the other one.
  void at_most(const char* workload, const char* other, double factor, const char* us = "buntdb") {
    const series* ours = find(workload, us);
    const series* theirs = find(workload, other);
    if (ours == nullptr || theirs == nullptr) return;
    const double measured = ratio(*ours, *theirs);
    plain(workload, "at most " + ratio_text(factor) + " × " + other, ratio_text(measured) + " ×",
          measured <= factor);
  }

  void at_most(const char* workload, double limit) {
    const series* ours = find(workload, "buntdb");
    if (ours == nullptr) return;
    const double value = median(ours->values);
    plain(workload, "at most " + value_text(limit, ours->unit), value_text(value, ours->unit),
          value <= limit);
  }

  void faster_than_all(const char* workload, std::initializer_list<const char*> peers) {
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
    plain(workload, "faster than every peer", ratio_text(measured) + " × " + closest->contender,
          measured < 1);
  }

  void two_threads() {
    const series* one = find("find", "buntdb");
    const series* two = find("find, 2 threads", "buntdb");
    if (one == nullptr || two == nullptr) return;
    const double measured = ratio(*one, *two);
    plain("find, 2 threads", "2 × our one-thread rate", ratio_text(measured) + " ×", measured >= 2);
  }

  void stalls() {
    if (const series* waits = find("waits of finds beside a compaction", "buntdb")) {
      const double count = median(waits->values);
      plain("longest find beside a compaction", "no reader waits",
            value_text(count, unit::count) + "waits", count == 0);
    }
    const series* longest = find("longest save beside a compaction", "buntdb");
    const series* sync = find("longest save beside a compaction", "one sync");
    if (longest == nullptr || sync == nullptr) return;
    const double limit = 5e6 + median(sync->values);
    const double value = median(longest->values);
    plain("longest save beside a compaction",
          "at most 5 ms and a sync: " + value_text(limit, unit::nanoseconds),
          value_text(value, unit::nanoseconds), value <= limit);
  }

  void growth(const std::vector<std::size_t>& sizes) {
    for (const char* workload : {"growth: find", "growth: overwrite in memory"}) {
      std::vector<double> times;
      for (const std::size_t size : sizes) {
        const series* ours = results_.find(size, workload, "buntdb");
        const series* chain = results_.find(size, workload, "dependent load");
        if (ours != nullptr && chain != nullptr) times.push_back(ratio(*ours, *chain));
      }
      if (times.size() < 2) continue;
      plain(workload, "does not grow against the chain of loads",
            ratio_text(times.front()) + " to " + ratio_text(times.back()) + " ×",
            times.back() <= times.front());
    }
  }

  std::vector<target_check> take() { return std::move(checks_); }

 private:
  const series* find(std::string_view workload, std::string_view contender) const {
    return results_.find(sessions_, workload, contender);
  }
  void add(target_check check) { checks_.push_back(std::move(check)); }
  void plain(const char* row, std::string target, std::string measured, bool met) {
    add({.row = row,
         .target = std::move(target),
         .measured = std::move(measured),
         .here = of(met),
         .scaled = "",
         .against_newer = verdict::not_stated});
  }

  const results& results_;
  std::size_t sessions_;
  double scale_ = 0;
  std::vector<target_check> checks_;
};

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

  constexpr double us = 1e3;
  constexpr double s = 1e9;
  checker checks(results, sessions);
  checks.faster("find", 8, 5.0 * us);
  checks.at_most("find", "LMDB", 1.0 / 3);
  checks.at_most("find", "unordered_map", 1.0);
  checks.faster("find, 2 threads", 8, 2.5 * us);
  checks.two_threads();
  checks.faster("save", 7, 10 * us);
  checks.at_most("save", "write(2)", 2.5);
  checks.faster_than_all("save",
                         {"LMDB", "LevelDB", "RocksDB", "SQLite", "Redis", bunt, "bbolt (Go)"});
  checks.faster("overwrite", 9, 18 * us);
  checks.faster("mixed 90/10, 2 threads", 8, 6 * us);
  checks.at_most("read beside batches, p99.9", 50 * us);
  checks.at_most("durable save", "write + fdatasync", 1.15, "buntdb, always");
  // The newer version's figures depend on a disk, which cannot be scaled by memory: none.
  checks.faster("durable save, 16 writers", 12, 0, "buntdb, always");
  checks.faster("durable save, 64 writers", 40, 0, "buntdb, always");
  checks.at_most("ascend 100", 2.5 * us);
  checks.at_most("memory per session", 310);
  checks.faster("reopen after compaction", 12, 3.9 * s);
  checks.faster("compact", 3, 1.75 * s);
  checks.stalls();
  checks.faster("set with a JSON index", 10, 16.8 * us);
  checks.faster("spatial set", 5, 7 * us);
  checks.faster("spatial intersects 100", 5, 35 * us);
  checks.faster("spatial nearby 10", 5, 55 * us);
  checks.faster("request: read", 10, 5.1 * us, "buntstore");
  checks.faster("request: read, write", 8, 14.5 * us, "buntstore");
  checks.faster("request, one session: read", 10, 5.1 * us, "buntstore");
  checks.faster("request, one session: read, write", 8, 14.5 * us, "buntstore");
  checks.growth(measured);
  return checks.take();
}

}  // namespace bench
