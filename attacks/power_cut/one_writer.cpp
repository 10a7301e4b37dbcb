#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "log/encode.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "power_cut/fates.hpp"
#include "power_cut/judge.hpp"
#include "power_cut/rounds.hpp"
#include "support/batches.hpp"
#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb::attacks {

using model::require;
using testing::code_of;
using testing::memory_file_system;
using testing::test_database;
using namespace std::chrono_literals;

namespace {

constexpr int states_per_call_of_one = 3;

const char* name_of(sync_policy policy) {
  return policy == sync_policy::never          ? "never"
         : policy == sync_policy::every_second ? "every_second"
                                               : "always";
}

class history_of_one {
 public:
  history_of_one(std::uint64_t seed, figures& counts)
      : random_(seed), cuts_(seed + 0x9e3779b97f4a7c15U), counts_(counts) {
    begin();
  }
  history_of_one(const history_of_one&) = delete;
  history_of_one& operator=(const history_of_one&) = delete;
  ~history_of_one() {
    if (disk_ != nullptr) end_without_trace();
  }

  void run() {
    try {
      do_steps();
    } catch (const std::exception&) {
      // The engine may have mistaken it for a failure of its disk.
      if (violation_) throw model::mismatch(*violation_);
      throw;
    }
  }

 private:
  void do_steps() {
    const std::uint64_t steps = 10 + random_.below(30);
    for (std::uint64_t i = 0; i < steps; ++i)
      step();
    at_ = "the close";
    db_.reset();
    durable_ = states_.size() - 1;
    cut_power_now();
  }

  void begin() {
    policy_ = std::vector{sync_policy::never, sync_policy::every_second,
                          sync_policy::always}[random_.below(3)];
    use(std::make_unique<memory_file_system>());
    states_.emplace_back();
    if (random_.one_in(3)) begin_with_another_programs_file();
    open();
  }

  /// Begins with a file without markers, as BuntDB writes it.
  void begin_with_another_programs_file() {
    std::string bytes;
    for (int i = 0; i < 5; ++i) {
      const std::string key = "key " + std::to_string(i);
      const std::string value(1 + random_.below(100), 'o');
      log::append_set(bytes, key, value);
      states_.back()[key] = model::stored{.value = value};
    }
    if (random_.one_in(2)) bytes.append(random_.below(700), '\0');
    disk_->put(attacked_path, bytes, clock_.now());
  }

  void use(std::unique_ptr<memory_file_system> disk) {
    disk_ = std::move(disk);
    disk_->set_clock(clock_);
    disk_->watch([this](const testing::io_record& call) { before(call); });
  }

  void open() {
    at_ = "an open";
    db_.emplace(*disk_, clock_, policy_);
    durable_ = states_.size() - 1;  // an open syncs under every policy
    const snapshot view = (*db_)->begin_read();
    require(number_in(view) == durable_, "what was written is not what is opened");
    require_shows(view, states_.back(), "after an open");
  }

  void step() {
    const std::uint64_t kind = random_.below(100);
    if (kind < 48) {
      at_ = "a commit";
      commit();
    } else if (kind < 56) {
      at_ = "a commit on a full disk";
      commit_on_a_full_disk();
    } else if (kind < 65) {
      at_ = "a sync";
      (*db_)->sync();
      durable_ = states_.size() - 1;
    } else if (kind < 71) {
      at_ = "a seal";
      (*db_)->sync();
      durable_ = states_.size() - 1;
      db_->engine().maintenance().sync_if_due();
    } else if (kind < 76) {
      at_ = "a removal of what has expired";
      clock_.advance(std::chrono::milliseconds(random_.below(4000)));
      db_->sweep();
    } else if (kind < 84) {
      at_ = "a compaction";
      compact();
    } else if (kind < 88) {
      at_ = "a close";
      db_.reset();
      open();
    } else if (kind < 91) {
      killed();
    } else if (kind < 94) {
      at_ = "a failed sync";
      failed_sync();
    } else if (kind < 97) {
      at_ = "a power cut of the history itself";
      go_on_after_a_power_cut();
    } else {
      policy_ = std::vector{sync_policy::never, sync_policy::every_second,
                            sync_policy::always}[random_.below(3)];
      (*db_)->change([&](settings& to) { to.sync = policy_; });
      always_from_ = states_.size();
    }
  }

  batch next_batch() {
    return make_batch(random_, states_.size(), {.expiring = true, .now = clock_.now()});
  }

  void commit() {
    const batch next = next_batch();
    const sync_policy policy = policy_;
    transaction tx = (*db_)->begin();
    apply_batch(next, tx);
    states_.push_back(states_.back());
    apply_batch(next, states_.back());
    tx.commit();
    counts_.add("commits");
    if (policy == sync_policy::always) durable_ = states_.size() - 1;
  }

  /// Commits on a disk that accepts the first bytes of the batch and refuses the rest. The next
  /// commit has the same number and other changes: if the failed one came back, it would be
  /// detected.
  void commit_on_a_full_disk() {
    const batch next = next_batch();
    transaction tx = (*db_)->begin();
    apply_batch(next, tx);
    disk_->limit_writes(1 + static_cast<std::size_t>(random_.below(60)));
    disk_->fail_nth(2, ENOSPC, testing::io_call::write);
    const std::error_code code = code_of([&] { tx.commit(); });
    disk_->limit_writes({});
    disk_->heal();
    require(code == std::errc::no_space_on_device, "a full disk fails as " + code.message());
    counts_.add("commits that failed on a full disk");
  }

  void compact() {
    compacting_ = true;
    (*db_)->compact();
    compacting_ = false;
    durable_ = states_.size() - 1;
    counts_.add("compactions");
  }

  /// Ends the process; the system continues.
  void killed() {
    at_ = "a kill";
    auto left = disk_->after_kill();
    end_without_trace();
    use(std::move(left));
    open();
    require((*db_)->stats().recovered_bytes == 0, "the file of a killed process was cut");
    counts_.add("kills");
  }

  /// Destroys the handle, which syncs and seals. Its effect on this disk is ignored.
  void end_without_trace() {
    disk_->watch({});
    db_.reset();
  }

  /// Lets a sync fail. What was to be synced may be on disk or not, and no later sync writes it.
  /// Then the process is restarted, but not the system.
  void failed_sync() {
    const std::size_t before = states_.size() - 1;
    const batch next = next_batch();
    disk_->fail_nth(1, EIO, testing::io_call::sync);
    states_.push_back(states_.back());
    apply_batch(next, states_.back());
    const auto commit_and_sync = [&] {
      (*db_)->update([&](transaction& tx) { apply_batch(next, tx); });
      (*db_)->sync();
    };
    const std::error_code told = code_of(commit_and_sync);
    require(told == errc::writes_stopped || told == std::errc::io_error,
            "a failed sync is not told");
    disk_->heal();
    require(code_of([&] { (*db_)->set("a", "b"); }) == errc::writes_stopped,
            "a database writes on after a failed sync");
    auto left = disk_->after_kill();
    end_without_trace();
    use(std::move(left));
    at_ = "an open after a failed sync";
    db_.emplace(*disk_, clock_, policy_);
    const std::size_t found = number_in((*db_)->begin_read());
    require(found == before || found == before + 1, "after a failed sync, another state is opened");
    states_.resize(found + 1);
    durable_ = found;
    require_shows((*db_)->begin_read(), states_.back(), "after a failed sync");
    counts_.add("failed syncs");
  }

  void go_on_after_a_power_cut() {
    auto left = cut_power(*disk_, cuts_);
    const auto look = left->after_kill();
    const std::size_t found = judge(*look, clock_, now_allowed(), cuts_, counts_);
    end_without_trace();
    states_.resize(found + 1);
    use(std::move(left));
    open();
  }

  /// Called before every call takes effect.
  void before(const testing::io_record& call) {
    if (compacting_ && !nested_ && call.path.find(".compact-") != std::string::npos &&
        random_.one_in(3)) {
      commit_beside_the_compaction();
    }
    cut_power_now();
  }

  /// Commits, as another thread does that gets the writer's lock between two calls of the
  /// compaction.
  void commit_beside_the_compaction() {
    nested_ = true;
    try {
      const bool possible = (*db_)->try_begin_for(0ns).has_value();
      if (possible) commit();
    } catch (const error& busy) {
      if (busy.code() != errc::nested_transaction) throw;
    }
    nested_ = false;
  }

  allowed now_allowed() {
    std::size_t floor = durable_;
    // What a reader can see must be durable under `always`.
    if (db_ && policy_ == sync_policy::always) {
      try {
        const std::size_t visible = number_in((*db_)->begin_read());
        if (visible >= always_from_) floor = std::max(floor, visible);
      } catch (const error& closed) {
        if (closed.code() != errc::closed) throw;
      }
    }
    return {states_, floor, states_.size() - 1};
  }

  void cut_power_now() {
    counts_.add("calls");
    const allowed what = now_allowed();
    for (int i = 0; i < states_per_call_of_one; ++i) {
      try {
        judge(*cut_power(*disk_, cuts_), clock_, what, cuts_, counts_);
      } catch (const std::exception& problem) {
        if (!violation_) {
          violation_ =
              "policy " + std::string(name_of(policy_)) + ", in " + at_ + ": " + problem.what();
        }
        throw;
      }
    }
  }

  model::random_source random_;
  model::random_source cuts_;
  figures& counts_;
  sync_policy policy_ = sync_policy::always;
  testing::fake_clock clock_;
  std::unique_ptr<memory_file_system> disk_;
  std::optional<test_database> db_;
  std::vector<model::state> states_;  ///< by number; the last may be under way
  std::size_t durable_ = 0;           ///< the least that must survive
  std::size_t always_from_ = 0;       ///< the first that was committed under the present policy
  bool compacting_ = false;
  bool nested_ = false;
  std::string at_;
  std::optional<std::string> violation_;
};

}  // namespace

void one_writer(std::uint64_t seed, figures& counts) {
  history_of_one(seed, counts).run();
}

}  // namespace buntdb::attacks
