// Kills a process (SIGKILL, on a real disk) before each call that a compaction makes, and in the
// middle of each of its writes, while commits continue concurrently. The resulting file, the old
// one or the new one, must contain everything, and no other file may be left.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include <sys/wait.h>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "model/mismatch.hpp"
#include "support/child.hpp"
#include "support/expected.hpp"
#include "support/hooked_file_system.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace std::chrono_literals;
using model::require;

constexpr batch_shape shape{.longest_value = 1500};

/// How the process ends.
enum class end_of_life { before_the_call, in_the_middle_of_the_write };

/// Commits, compacts, and ends at the nth call of the compaction.
class victim {
 public:
  victim(std::string path, sync_policy policy, std::uint64_t history, std::uint64_t nth,
         end_of_life how, const child::report& report)
      : history_(history),
        calls_left_(nth),
        how_(how),
        report_(report),
        files_(io::file_system::native(),
               [this](const hooked_file_system::call& call) { before(call); }),
        db_(engine::database_access::open(files_, path, {.sync = policy}, false)) {}

  void run() {
    for (int i = 0; i < 10; ++i)
      commit();
    compacting_ = true;
    db_.compact();
    compacting_ = false;
    commit();
  }

 private:
  void commit() { report_(commit_next(db_, history_, shape)); }

  void before(const hooked_file_system::call& call) {
    if (!compacting_ || nested_) return;
    if (--calls_left_ == 0) {
      if (how_ == end_of_life::in_the_middle_of_the_write && call.file != nullptr) {
        call.file->write_at(call.offset, call.bytes.first(call.bytes.size() / 2));
      }
      std::raise(SIGKILL);
    }
    // Concurrently with the compaction, which does not stop writers while it works on its own file.
    if (call.path.find(".compact-") == std::string::npos) return;
    nested_ = true;
    try {
      commit();
    } catch (const error& busy) {
      if (busy.code() != errc::nested_transaction) throw;
    }
    nested_ = false;
  }

  bool compacting_ = false;  // declared before the database, whose open also makes calls
  bool nested_ = false;
  std::uint64_t history_;
  std::uint64_t calls_left_;
  end_of_life how_;
  const child::report& report_;
  hooked_file_system files_;
  database db_;
};

/// Returns true if the process was killed, false if the compaction makes fewer calls.
bool attack(std::uint64_t history, sync_policy policy, std::uint64_t nth, end_of_life how) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  std::uint64_t acknowledged = 0;
  bool killed = false;
  {
    child process([&](const child::report& report) {
      victim(path, policy, history, nth, how, report).run();
    });
    while (const auto number = process.next(20s))
      acknowledged = *number;
    const int status = process.wait();
    killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    require(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0),
            "the process ended with status " + std::to_string(status));
  }
  const database db = database::open(path, {.sync = policy});
  expected_state expected(history, shape);
  const std::uint64_t found = expected.require_shown(db.begin_read(), acknowledged, "after a kill");
  require(found == acknowledged, "a commit is there that nobody began");
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    require(entry.path() == path, "there is a file " + entry.path().string());
  }
  return killed;
}

void every_step(std::uint64_t seed, figures& counts) {
  for (const sync_policy policy :
       {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
    for (const end_of_life how :
         {end_of_life::before_the_call, end_of_life::in_the_middle_of_the_write}) {
      std::uint64_t nth = 1;
      for (; attack(seed, policy, nth, how); ++nth)
        counts.add("kills");
      require(nth > 5, "the compaction made no calls");
      counts.greatest("steps of a compaction", nth - 1);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "compaction_kill",
              .about = "a compaction killed at every step",
              .default_rounds = 1,
              .parallel = false},
             every_step);
}
