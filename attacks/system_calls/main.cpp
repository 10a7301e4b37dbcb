// Lets every call of a scripted run fail once: with EIO, with ENOSPC, with a short count, and by
// the end of the process; through the interface that all access to the disk goes through.
// (attack_strace does the same to a real process.)
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/mismatch.hpp"
#include "support/batches.hpp"
#include "support/run.hpp"
#include "support/test_database.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using model::require;
using testing::memory_file_system;
using testing::test_database;

/// Work of all kinds from the first open to the last close, done anew after whatever failed.
class scripted_run {
 public:
  scripted_run(std::uint64_t seed, sync_policy policy) : seed_(seed), policy_(policy) {
    disk_->set_clock(clock_);
  }

  memory_file_system& disk() noexcept { return *disk_; }

  void run() {
    open();
    for (int i = 0; i < 3; ++i)
      commit();
    carefully([&] { (*db_)->sync(); });
    carefully([&] { db_->core().sync_if_due(); });  // which seals
    commit();
    carefully([&] { (*db_)->shrink(); });
    commit();
    clock_.advance(std::chrono::seconds(100));
    carefully([&] { db_->sweep(); });
    commit();
    close();
    open();
    commit();
    look_read_only();
    carefully([&] { (*db_)->shrink(); });
    commit();
    close();
  }

  /// The file now, and what it would be had the power gone.
  void require_final(const std::string& who) {
    const auto kept = disk_->after_kill();
    require_content(*kept, who);
    if (closed_well_) {
      const auto cut = disk_->after_power_cut(memory_file_system::unsynced_data::dropped);
      require_content(*cut, who + ", after a power cut");
    }
  }

  /// The process ended before the call that is under way.
  void require_survives_kill() {
    const auto left = disk_->after_kill();
    test_database db(*left, clock_, policy_);
    const snapshot view = db->begin_read();
    const std::size_t found = number_in(view);
    require(found + 1 == states_.size() || (under_way_ && found + 2 == states_.size()),
            "after the end of the process, batch " + std::to_string(found) +
                " is the last that is there, of " + std::to_string(states_.size() - 1));
    require_shows(view, states_[found], "after the end of the process");
  }

 private:
  void require_content(memory_file_system& disk, const std::string& who) {
    test_database db(disk, clock_, policy_);
    const snapshot view = db->begin_read();
    require(number_in(view) + 1 == states_.size(),
            who + ": batch " + std::to_string(number_in(view)) + " is the last that is there, of " +
                std::to_string(states_.size() - 1));
    require_shows(view, states_.back(), who);
  }

  /// Only the nth call fails, so the second attempt must succeed.
  void open() {
    try {
      db_.emplace(*disk_, clock_, policy_);
    } catch (const error& failure) {
      require_tells(failure);
      db_.emplace(*disk_, clock_, policy_);
    }
    take_over();
  }

  /// What an open finds is one of what may be there, and is what there is from now on.
  void take_over() {
    const snapshot view = (*db_)->begin_read();
    const std::size_t found = number_in(view);
    require(found + 1 == states_.size() || (unknown_ && found + 2 == states_.size()),
            "an open finds batch " + std::to_string(found) + " of " +
                std::to_string(states_.size() - 1));
    states_.resize(found + 1);
    unknown_ = false;
    require_shows(view, states_.back(), "an open");
  }

  void close() {
    closed_well_ = true;
    try {
      (*db_)->close();
    } catch (const error& failure) {
      require_tells(failure);
      closed_well_ = false;
    }
    db_.reset();
  }

  void commit() {
    const batch next = make_batch(seed_, states_.size(),
                                  {.longest_value = 900, .expiring = true, .now = clock_.now()});
    states_.push_back(states_.back());
    apply_batch(next, states_.back());
    under_way_ = true;
    try {
      (*db_)->update([&](transaction& tx) { apply_batch(next, tx); });
      under_way_ = false;
    } catch (const error& failure) {
      under_way_ = false;
      require_tells(failure);
      if (refuses_writes()) {
        unknown_ = true;  // nobody can say whether it is on disk
        reopen();
      } else {
        states_.pop_back();
      }
    }
    require_shows((*db_)->begin_read(), states_.back(), "after a commit");
  }

  /// Something that changes nothing that a reader sees.
  void carefully(const std::function<void()>& step) {
    try {
      step();
    } catch (const error& failure) {
      require_tells(failure);
      if (refuses_writes()) reopen();
    }
    require_shows((*db_)->begin_read(), states_.back(), "after a step");
  }

  void look_read_only() {
    const auto look = [&] {
      const auto core =
          engine::core::open(*disk_, test_database::path, {.read_only = true, .clock = &clock_},
                             {.with_background_thread = false});
      const auto pinned = core->pin();
      require(pinned.version.size > 0, "a read-only open sees nothing");
      engine::reader_slots::release(pinned.slot);
    };
    try {
      look();
    } catch (const error& failure) {
      require_tells(failure);
      look();
    }
  }

  bool refuses_writes() {
    try {
      transaction probe = (*db_)->begin();
      return false;
    } catch (const error& refusal) {
      require(refusal.code() == errc::failed, "a database that refuses to write says another why");
      return true;
    }
  }

  void reopen() {
    db_.reset();
    open();
  }

  static void require_tells(const error& failure) {
    require(std::string(failure.what()).find("app.db") != std::string::npos ||
                std::string(failure.what()).find("/data") != std::string::npos,
            std::string("an error does not name the file: ") + failure.what());
  }

  std::uint64_t seed_;
  sync_policy policy_;
  testing::fake_clock clock_;
  std::unique_ptr<memory_file_system> disk_ = std::make_unique<memory_file_system>();
  std::optional<test_database> db_;
  std::vector<model::state> states_{{}};  ///< by number
  bool under_way_ = false;
  bool unknown_ = false;
  bool closed_well_ = false;
};

const char* name_of(testing::io_call call) {
  static constexpr const char* names[] = {
      "open", "look",  "rename",   "remove", "list",         "sync_folder", "status",
      "read", "write", "truncate", "sync",   "set_modified", "set_access",  "lock"};
  return names[static_cast<int>(call)];
}

/// Runs with that failure arranged before it; says where the run was if it goes wrong.
void run_with(std::uint64_t seed, sync_policy policy, const std::string& what,
              const std::function<void(scripted_run&)>& arrange) {
  scripted_run script(seed, policy);
  try {
    arrange(script);
    script.run();
    script.require_final("at the end");
  } catch (const std::exception& problem) {
    script.disk().watch({});
    throw model::mismatch(what + ": " + problem.what());
  }
}

void attack(std::uint64_t seed, sync_policy policy, figures& counts) {
  std::vector<testing::io_call> calls;
  std::uint64_t writes = 0;
  // Nothing fails; but at every call the process might have ended.
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
