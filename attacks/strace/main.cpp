// Makes every system call of a process fail once, or be its last, with strace's injection. Needs
// strace and the permission to trace; otherwise it reports that and is skipped.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <sys/wait.h>

#include <buntdb/database.hpp>

#include "model/mismatch.hpp"
#include "strace/victim.hpp"
#include "support/command.hpp"
#include "support/expected.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using model::require;

constexpr batch_shape shape{.longest_value = 1500};
constexpr std::string_view traced =
    "openat,close,read,pread64,pwrite64,fdatasync,fsync,ftruncate,rename,unlink,flock,fstat,"
    "newfstatat,getdents64,fchmod,fchown,utimensat,mmap,munmap,brk";

/// Rounds divide the points among them, so that one of them is a sample.
constexpr std::uint64_t slices = 4;

struct place {
  std::string call;
  std::uint64_t nth;
};

std::string self() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

/// Returns the calls from the first one on that concerns the database; the earlier ones are the
/// loader's.
std::vector<place> points_of(const std::string& policy) {
  const buntstore::testing::temporary_folder folder;
  const std::string log = folder.file("log");
  const command_result reference =
      run_command({"strace", "-o", log, "-e", "trace=" + std::string(traced), self(), "--script",
                   folder.file("app.db"), policy});
  if (!WIFEXITED(reference.status) || WEXITSTATUS(reference.status) != 0) {
    throw skipped(
        "strace is not there, or may not trace (apt-get install strace; in a container, "
        "the right to ptrace)");
  }
  std::ifstream lines(log);
  std::vector<place> points;
  std::map<std::string, std::uint64_t> counts;
  bool ours = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t bracket = line.find('(');
    if (bracket == std::string::npos || line.starts_with("+++")) continue;
    const std::string call = line.substr(0, bracket);
    const std::uint64_t nth = ++counts[call];
    ours = ours || line.find("app.db") != std::string::npos;
    if (ours) points.push_back({call, nth});
  }
  require(points.size() > 50, "strace sees only " + std::to_string(points.size()) + " calls");
  return points;
}

void attack(const place& where, const std::string& fault, const std::string& policy,
            figures& counts) {
  const std::string what = "call " + std::to_string(where.nth) + " of " + where.call + ", " +
                           fault + ", policy " + policy + ": ";
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  const command_result ended =
      run_command({"strace", "-o", "/dev/null", "-e", "trace=" + where.call, "-e",
                   "inject=" + where.call + ":" + fault + ":when=" + std::to_string(where.nth),
                   self(), "--script", path, policy});
  const bool killed = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;
  require(killed == (fault == "signal=KILL") || (WIFEXITED(ended.status) && !killed),
          what + "the process ended with status " + std::to_string(ended.status));
  require(killed || WEXITSTATUS(ended.status) == 0, what + "see above");
  std::uint64_t acknowledged = 0;
  std::uint64_t tried = 0;
  std::istringstream lines(ended.output);
  std::string word;
  for (std::uint64_t number = 0; lines >> word >> number;)
    (word == "ack" ? acknowledged : tried) = number;
  if (!std::filesystem::exists(path)) {
    require(acknowledged == 0, what + "the file is gone");
  } else {
    const database db = database::open(path);
    expected_state expected(scripted_history, shape);
    const std::uint64_t found =
        expected.require_shown(db.begin_read(), acknowledged, what + "afterwards");
    require(found <= tried, what + "a commit is there that nobody began");
  }
  counts.add(killed ? "kills" : "failures");
}

}  // namespace

int main(int count, char** words) {
  if (count == 4 && std::string_view(words[1]) == "--script") {
    return scripted_process(words[2], words[3]);
  }
  return run(count, words,
             {.name = "strace",
              .about = "every system call of a process fails once, or is its last (4 rounds: all)",
              .default_rounds = slices,
              .parallel = false},
             [](std::uint64_t seed, figures& counts) {
               for (const std::string policy : {"always", "never"}) {
                 const std::vector<place> points = points_of(policy);
                 counts.greatest("system calls in a run", points.size());
                 for (std::size_t i = (seed - 1) % slices; i < points.size(); i += slices) {
                   for (const char* fault : {"error=EIO", "error=ENOSPC", "signal=KILL"}) {
                     // strace does not make the call that it lets fail. But a close that fails has
                     // closed the descriptor.
                     const bool closes = points[i].call == "close";
                     if (closes && std::string_view(fault) != "signal=KILL") continue;
                     attack(points[i], fault, policy, counts);
                   }
                 }
               }
             });
}
