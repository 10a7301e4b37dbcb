// Makes every call of a scripted run fail once: with EIO, with ENOSPC, with a short count, and by
// the end of the process; through the interface that all access to the disk uses. (attack_strace
// does the same to a real process.)
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "model/mismatch.hpp"
#include "support/run.hpp"
#include "support/scripted_run.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;

const char* name_of(testing::io_call call) {
  static constexpr const char* names[] = {
      "open",  "look",     "rename", "remove", "list",         "sync_folder", "status", "read",
      "write", "truncate", "sync",   "flush",  "set_modified", "set_access",  "lock"};
  return names[static_cast<int>(call)];
}

/// Runs with a failure arranged before. If something goes wrong, reports where the run was.
void run_with(std::uint64_t seed, sync_policy policy, const std::string& what,
              const std::function<void(scripted_run&)>& arrange) {
  scripted_run script(seed, policy);
  try {
    arrange(script);
    script.run();
    script.require_final();
  } catch (const std::exception& problem) {
    throw model::mismatch(what + ": " + problem.what());
  }
}

void attack(std::uint64_t seed, sync_policy policy, figures& counts) {
  std::vector<testing::io_call> calls;
  std::uint64_t writes = 0;
  // Nothing fails, but at every call the process might have ended.
  run_with(seed, policy, "without failures", [&](scripted_run& script) {
    script.disk().watch([&](const testing::io_record& call) {
      calls.push_back(call.call);
      if (call.call == testing::io_call::write) ++writes;
      script.require_survives_kill();
      counts.add("ends of the process");
    });
  });
  for (std::uint64_t n = 1; n <= calls.size(); ++n) {
    for (const int code : {EIO, ENOSPC, EACCES}) {
      const std::string what = "call " + std::to_string(n) + " (" + name_of(calls[n - 1]) +
                               ") failing with errno " + std::to_string(code);
      run_with(seed, policy, what, [&](scripted_run& script) { script.disk().fail_nth(n, code); });
      counts.add("failures");
    }
  }
  for (std::uint64_t n = 1; n <= writes; ++n) {
    for (const std::size_t size : {0U, 1U, 40U, 64U}) {
      run_with(seed, policy,
               "write " + std::to_string(n) + " taking " + std::to_string(size) + " bytes",
               [&](scripted_run& script) { script.disk().shorten_nth_write(n, size); });
      counts.add("short writes");
    }
  }
  counts.greatest("calls in a run", calls.size());
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "system_calls",
              .about = "every call of a scripted run fails once, or is the process's last",
              .default_rounds = 2,
              .parallel = true},
             [](std::uint64_t seed, figures& counts) {
               for (const sync_policy policy :
                    {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
                 attack(seed, policy, counts);
               }
             });
}
