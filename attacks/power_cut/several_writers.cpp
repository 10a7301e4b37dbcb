#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "power_cut/fates.hpp"
#include "power_cut/judge.hpp"
#include "power_cut/rounds.hpp"
#include "support/batches.hpp"
#include "support/test_database.hpp"

namespace buntdb::attacks {

using testing::memory_file_system;
using testing::test_database;

namespace {

constexpr int writers = 4;
constexpr int states_per_call_of_several = 2;

/// Disks as they would be after a power cut at some call, and what must be on them.
struct picture {
  std::unique_ptr<memory_file_system> disk;
  std::size_t floor;
  std::size_t ceiling;
};

class history_of_several {
 public:
  history_of_several(std::uint64_t seed, figures& counts)
      : random_(seed), cuts_(seed + 0x9e3779b97f4a7c15U), counts_(counts) {}

  void run() {
    states_.emplace_back();
    disk_.set_clock(clock_);
    {
      test_database db(disk_, clock_, sync_policy::always);
      db_ = &db;
      disk_.watch([this](const testing::io_record&) { take_pictures(); });
      std::vector<std::thread> threads;
      const std::uint64_t seed = random_.below(1'000'000);
      for (int i = 0; i < writers; ++i)
        threads.emplace_back([this, seed, i] { write(seed * writers + static_cast<unsigned>(i)); });
      for (int i = 0; i < 3; ++i)
        db->compact();
      for (std::thread& each : threads)
        each.join();
      disk_.watch({});
    }
    counts_.add("compactions", 3);
    counts_.add("commits", states_.size() - 1);
    for (const picture& each : pictures_)
      judge(*each.disk, clock_, {states_, each.floor, each.ceiling}, cuts_, counts_);
  }

 private:
  void write(std::uint64_t seed) {
    model::random_source random(seed);
    struct under_way {
      std::size_t number;
      std::future<void> end;
    };
    std::vector<under_way> commits;
    for (int i = 0; i < 12; ++i) {
      transaction tx = (*db_)->begin();
      // No other thread writes.
      const std::size_t number = begun_ + 1;
      const batch next = make_batch(random, number, {.max_changes = 3, .longest_value = 800});
      apply_batch(next, tx);
      {
        const std::lock_guard lock(mutex_);
        states_.push_back(states_.back());
        apply_batch(next, states_.back());
      }
      begun_ = number;
      if (random.one_in(3)) {
        commits.push_back({number, tx.commit_async()});
      } else {
        tx.commit();
        acknowledged(number);
      }
      std::erase_if(commits, [this](under_way& each) {
        if (each.end.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
        each.end.get();
        acknowledged(each.number);
        return true;
      });
    }
    for (under_way& each : commits) {
      each.end.get();
      acknowledged(each.number);
    }
  }

  void acknowledged(std::size_t number) {
    std::size_t known = acknowledged_;
    while (known < number && !acknowledged_.compare_exchange_weak(known, number)) {
    }
  }

  /// Cuts the power of copies of the disk. The floor is read before the disk, and the ceiling after
  /// it, because other threads continue meanwhile.
  void take_pictures() {
    counts_.add("calls");
    for (int i = 0; i < states_per_call_of_several; ++i) {
      std::size_t floor = acknowledged_;
      floor = std::max(floor, static_cast<std::size_t>(number_in((*db_)->begin_read())));
      const std::lock_guard lock(cutting_);
      auto left = cut_power(disk_, cuts_);
      const std::size_t ceiling = begun_;
      pictures_.push_back({std::move(left), floor, ceiling});
    }
  }

  model::random_source random_;
  std::mutex cutting_;  // guards the next two
  model::random_source cuts_;
  std::vector<picture> pictures_;
  figures& counts_;
  testing::fake_clock clock_;
  memory_file_system disk_;
  test_database* db_ = nullptr;
  std::mutex mutex_;                  // guards what follows
  std::vector<model::state> states_;  ///< by number
  std::atomic<std::size_t> begun_ = 0;
  std::atomic<std::size_t> acknowledged_ = 0;
};

}  // namespace

void several_writers(std::uint64_t seed, figures& counts) {
  history_of_several(seed, counts).run();
}

}  // namespace buntdb::attacks
