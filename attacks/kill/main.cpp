// Repeatedly kills a process (SIGKILL) that writes to a database and reports over a pipe what was
// committed. Checks each time that the file contains all of that.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <buntdb/database.hpp>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/child.hpp"
#include "support/expected.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace std::chrono_literals;
using model::require;

constexpr int lives = 20;
constexpr batch_shape shape{};

/// Some threads commit and one compacts, until the process is killed.
void live(const std::filesystem::path& path, sync_policy policy, std::uint64_t history,
          bool compacting, const child::report& report) {
  database db = database::open(path, {.sync = policy});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (;;)
        report(commit_next(db, history, shape));
    });
  }
  while (compacting) {
    db.compact();
    std::this_thread::sleep_for(100us);
  }
}

/// No file may have a name that begins with the database's, except the database and what was cut
/// off it.
void require_no_leftovers(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    require(entry.path().filename().string().find(".compact-") == std::string::npos,
            "an open left " + entry.path().string());
  }
}

class victim {
 public:
  victim(std::uint64_t seed, figures& counts)
      : random_(seed),
        history_(seed),
        policy_(std::vector{sync_policy::never, sync_policy::every_second,
                            sync_policy::always}[seed % 3]),
        counts_(counts) {}

  void run() {
    for (int i = 0; i < lives; ++i)
      one_life();
  }

 private:
  void one_life() {
    std::uint64_t acknowledged = 0;
    {
      const bool compacting = random_.one_in(2);
      child writer(
          [&](const child::report& report) { live(path_, policy_, history_, compacting, report); });
      // Often during the open, mostly during writes.
      const bool early = random_.one_in(4);
      const auto take = [&](std::chrono::milliseconds wait) {
        const auto number = writer.next(wait);
        if (number) acknowledged = std::max(acknowledged, *number);
        return number.has_value();
      };
      if (!early) require(take(20s), "the process writes nothing for 20 seconds");
      const auto end =
          std::chrono::steady_clock::now() + std::chrono::microseconds(random_.below(4000));
      while (std::chrono::steady_clock::now() < end)
        take(0ms);
      writer.kill();
      while (take(0ms)) {
      }
    }
    counts_.add("kills");
    look(acknowledged);
  }

  void look(std::uint64_t acknowledged) {
    if (!std::filesystem::exists(path_)) {
      require(expected_.number() == 0 && acknowledged == 0, "the file is gone");
      return;
    }
    // Mostly read-only, so that the next process recovers the file as this one left it.
    const bool read_only = !random_.one_in(3);
    const auto count_torn = [this](const event& each) {
      if (each.kind == event_kind::recovered || each.kind == event_kind::ignored_torn_end) {
        counts_.add("files torn by the kill");
      }
    };
    database db =
        database::open(path_, {.sync = policy_, .read_only = read_only, .on_event = count_torn});
    const std::uint64_t before = expected_.number();
    const std::uint64_t found =
        expected_.require_shown(db.begin_read(), acknowledged, "after a kill");
    counts_.add("commits", found - before);
    counts_.add("commits found that were not acknowledged", found - std::max(acknowledged, before));
    if (!read_only) {
      require_no_leftovers(folder_.path());
      if (random_.one_in(2)) db.compact();
    }
  }

  model::random_source random_;
  std::uint64_t history_;
  sync_policy policy_;
  figures& counts_;
  buntstore::testing::temporary_folder folder_;
  std::filesystem::path path_ = folder_.file("app.db");
  expected_state expected_{history_, shape};
};

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "kill",
              .about = "kill -9 of a process that writes and reports what was committed",
              .default_rounds = 9,
              .parallel = false},
             [](std::uint64_t seed, figures& counts) { victim(seed, counts).run(); });
}
