#include "harness/floors.hpp"

#include "harness/text.hpp"

namespace bench {

namespace {

class checker {
 public:
  checker(const results& results, std::size_t sessions) : results_(results), sessions_(sessions) {}

  /// buntdb takes at most so many times as long as the other.
  void at_most(const char* promise, const char* workload, const char* other, double factor) {
    const series* ours = results_.find(sessions_, workload, "buntdb");
    const series* theirs = results_.find(sessions_, workload, other);
    if (ours == nullptr || theirs == nullptr) return;
    const double times = ratio(*ours, *theirs);
    checks_.push_back({promise, ratio_text(times) + " ×", times <= factor});
  }

  void at_most(const char* promise, const char* workload, double limit) {
    const series* ours = results_.find(sessions_, workload, "buntdb");
    if (ours == nullptr) return;
    const double value = median(ours->values);
    checks_.push_back({promise, value_text(value, ours->unit), value <= limit});
  }

  std::vector<floor_check> take() { return std::move(checks_); }

 private:
  const results& results_;
  std::size_t sessions_;
  std::vector<floor_check> checks_;
};

}  // namespace

std::vector<floor_check> check_floors(const results& results, std::size_t sessions) {
  checker checks(results, sessions);
  checks.at_most("find: at most 1.6 × unordered_map", "find", "unordered_map", 1.6);
  checks.at_most("find: faster than LMDB", "find", "LMDB", 1.0);
  checks.at_most("save: at most 4 × write(2)", "save", "write(2)", 4);
  checks.at_most("memory: at most 360 bytes a session", "memory per session", 360);
  checks.at_most("reads beside a batch writer: p99.9 at most 100 µs", "read beside batches, p99.9",
                 100e3);
  return checks.take();
}

}  // namespace bench
