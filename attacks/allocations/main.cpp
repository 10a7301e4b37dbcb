// Makes every allocation of the database fail once, in a scripted run from the first open to the
// last close. (The simulated disk's own allocations succeed.)
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "memory/pool.hpp"
#include "model/mismatch.hpp"
#include "support/failing_allocations.hpp"
#include "support/hooked_file_system.hpp"
#include "support/run.hpp"
#include "support/scripted_run.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using testing::allocations_left;
using testing::allocations_succeed;

/// Counts the allocations inside the engine, and makes one of them fail.
class failing_memory {
 public:
  failing_memory(scripted_run& script, std::int64_t nth)
      : left_(nth),
        files_(
            script.disk(), [this](const hooked_file_system::call&) { inside_disk_.emplace(); },
            [this] { inside_disk_.reset(); }) {
    script.see_disk_through(files_);
    script.around_the_engine([this] { allocations_left = left_; },
                             [this] {
                               left_ = allocations_left;
                               allocations_left = -1;
                             });
  }

  bool has_failed() const noexcept { return left_ < 0; }

 private:
  std::int64_t left_;
  std::optional<allocations_succeed> inside_disk_;
  hooked_file_system files_;
};

void attack(std::uint64_t seed, sync_policy policy, figures& counts) {
  for (std::int64_t n = 0;; ++n) {
    scripted_run script(seed, policy);
    failing_memory memory(script, n);
    try {
      script.run();
      script.require_final();
    } catch (const std::exception& problem) {
      throw model::mismatch("allocation " + std::to_string(n + 1) + " failing: " + problem.what());
    }
    if (!memory.has_failed()) {
      counts.greatest("allocations in a run", static_cast<std::uint64_t>(n));
      return;
    }
    counts.add("failures");
  }
}

}  // namespace

int main(int count, char** words) {
  // Otherwise the engine would only ever allocate a few chunks.
  engine::pool::pool_by_default = false;
  return run(count, words,
             {.name = "allocations",
              .about = "every allocation of the database fails once",
              .default_rounds = 1,
              .parallel = false},
             [](std::uint64_t seed, figures& counts) {
               for (const sync_policy policy :
                    {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
                 attack(seed, policy, counts);
               }
             });
}
