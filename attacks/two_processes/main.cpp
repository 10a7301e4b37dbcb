// Several processes open one file: one of them gets it, and the errors of the others name that
// process. Readers that run concurrently with a writer that commits and compacts see whole states,
// none older than what was acknowledged before they opened the file.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>

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

constexpr batch_shape shape{};
constexpr int openers = 6;
constexpr int looks = 200;

/// Lets several processes open the file at the same time. A process that is refused tries again
/// until all have had the file once.
void everybody_opens(const std::string& path, std::uint64_t history, figures& counts) {
  std::list<child> processes;
  constexpr std::uint64_t turned_away = 0;
  for (int i = 0; i < openers; ++i) {
    processes.emplace_back([&](const child::report& report) {
      for (;;) {
        try {
          database db = database::open(path, {.sync = sync_policy::never});
          report(commit_next(db, history, shape));
          if (db.stats().items % 2 == 0) db.compact();
          return;
        } catch (const error& refused) {
          if (refused.code() != errc::locked) throw;
          report(turned_away);
          std::this_thread::sleep_for(200us);
        }
      }
    });
  }
  std::vector<std::uint64_t> numbers;
  for (child& each : processes) {
    while (const auto number = each.next(30s)) {
      if (*number == turned_away) {
        counts.add("opens turned away");
      } else {
        numbers.push_back(*number);
      }
    }
    const int status = each.wait();
    require(WIFEXITED(status) && WEXITSTATUS(status) == 0, "an opener failed");
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < openers; ++i) {
    require(i < numbers.size() && numbers[i] == i + 1,
            "two processes had the file at the same time");
  }
  counts.add("processes that had the file in turn", numbers.size());
}

void require_turned_away(const std::string& path, const child& owner) {
  try {
    const database db = database::open(path);
  } catch (const error& refused) {
    require(refused.code() == errc::locked,
            std::string("the second opener is told something else: ") + refused.what());
    // During a compaction, the file that was just opened may have no holder.
    const std::string text = refused.what();
    require(text.find(std::to_string(owner.id())) != std::string::npos ||
                text.find("another process") != std::string::npos,
            "the second opener is not told who has it: " + text);
    return;
  }
  throw model::mismatch("two processes have the file at the same time");
}

void readers_beside_a_writer(const std::string& path, std::uint64_t seed, figures& counts) {
  model::random_source random(seed);
  child writer([&](const child::report& report) {
    database db = database::open(path, {.sync = sync_policy::never});
    std::uint64_t number = 0;
    for (;;) {
      report(number = commit_next(db, seed, shape));
      if (number % 50 == 0) db.compact();
    }
  });
  std::uint64_t acknowledged = 0;
  const auto take = [&](std::chrono::milliseconds wait) {
    const auto number = writer.next(wait);
    if (number) acknowledged = *number;
    return number.has_value();
  };
  require(take(20s), "the writer writes nothing");
  expected_state expected(seed, shape);
  for (int i = 0; i < looks; ++i) {
    while (take(0ms)) {
    }
    if (random.one_in(5)) {
      require_turned_away(path, writer);
      counts.add("opens turned away");
      continue;
    }
    const database db = database::open(path, {.read_only = true});
    expected.require_shown(db.begin_read(), acknowledged, "a reader beside a writer");
    counts.add("read-only opens beside a writer");
  }
  require(waitpid(writer.id(), nullptr, WNOHANG) == 0, "the writer has ended");
  writer.kill();
  while (take(0ms)) {
  }
  const database db = database::open(path);
  expected.require_shown(db.begin_read(), acknowledged, "after the writer's end");
  counts.add("commits", expected.number());
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "two_processes",
              .about = "several processes open one file; readers beside a writer",
              .default_rounds = 3,
              .parallel = false},
             [](std::uint64_t seed, figures& counts) {
               const buntstore::testing::temporary_folder folder;
               everybody_opens(folder.file("contended.db"), seed, counts);
               readers_beside_a_writer(folder.file("app.db"), seed, counts);
             });
}
