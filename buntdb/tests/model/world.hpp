#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/random_source.hpp"
#include "model/state.hpp"
#include "support/test_database.hpp"

namespace buntdb::model {

/// The database under test on its simulated disk, with the states that it may have: the current
/// one, those since the last sync that a power cut may bring back, and those of the snapshots held.
class world {
 public:
  world(random_source& random, sync_policy policy);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  database& db() noexcept { return **db_; }
  const state& current() const noexcept { return states_.back(); }
  time_point now() const noexcept { return clock_.now(); }
  testing::memory_file_system& disk() noexcept { return *disk_; }

  /// Records that a transaction has committed this state. Sets its revisions to those of the
  /// database.
  void committed(state next);

  /// Compares the current state with a new snapshot, and with the expired items that have not been
  /// removed (which a snapshot sees that begins in the past).
  void require_current();

  void turn_clock();
  void sweep(bool to_the_end);
  void reclaim(bool to_the_end);
  void sync();
  void compact();

  void save_a_copy();    ///< and examines it
  void load_the_copy();  ///< it may be an old one

  void hold_snapshot();
  void look_at_a_held_snapshot();
  /// Ends all snapshots and requires that nothing is kept for them any more.
  void let_go_of_snapshots();

  void close_and_reopen();
  void kill_and_reopen();       ///< what was written is kept
  void cut_power_and_reopen();  ///< unsynced data is lost, or any sectors of it

  std::uint64_t commits() const noexcept { return commits_; }
  std::uint64_t reopens() const noexcept { return reopens_; }
  std::uint64_t swept() const noexcept { return swept_; }
  std::uint64_t commits_lost() const noexcept { return commits_lost_; }

 private:
  struct held {
    snapshot view;
    state expected;
  };

  void follow(state next);
  void reopen(std::unique_ptr<testing::memory_file_system> disk, const state& expected);
  void check_held(const held& one, const std::string& when);
  /// Returns everything, expired or not.
  state everything();

  random_source& random_;
  sync_policy policy_;
  testing::fake_clock clock_;
  std::unique_ptr<testing::memory_file_system> disk_;
  std::unique_ptr<testing::test_database> db_;
  /// The last is the current one, the first the last one known to be synced.
  std::vector<state> states_;
  std::vector<held> held_;
  std::string copy_;  ///< what save() wrote
  state copied_;      ///< what it must contain
  std::uint64_t greatest_revision_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t reopens_ = 0;
  std::uint64_t swept_ = 0;
  std::uint64_t commits_lost_ = 0;
};

}  // namespace buntdb::model
