#include "support/scripted_run.hpp"

#include <chrono>
#include <cstddef>
#include <new>
#include <utility>

#include <buntdb/error.hpp>

#include "model/mismatch.hpp"

namespace buntdb::attacks {

using model::require;
using testing::memory_file_system;
using testing::test_database;

namespace {

void require_tells(const error& failure) {
  const std::string text = failure.what();
  const bool of_the_system = failure.code().category() == std::generic_category();
  require(!of_the_system || text.find("/data") != std::string::npos,
          "an error does not name the file: " + text);
}

}  // namespace

class scripted_run::inside {
 public:
  explicit inside(const scripted_run& run) : run_(run) {
    if (run_.before_) run_.before_();
  }
  inside(const inside&) = delete;
  inside& operator=(const inside&) = delete;
  ~inside() {
    if (run_.after_) run_.after_();
  }

 private:
  const scripted_run& run_;
};

scripted_run::scripted_run(std::uint64_t seed, sync_policy policy) : seed_(seed), policy_(policy) {
  disk_.set_clock(clock_);
}

scripted_run::~scripted_run() {
  disk_.watch({});
}

void scripted_run::around_the_engine(std::function<void()> before, std::function<void()> after) {
  before_ = std::move(before);
  after_ = std::move(after);
}

template <class Function>
void scripted_run::in_engine(Function function) {
  const inside now(*this);
  function();
}

/// Returns false if it failed in one of the permitted ways.
template <class Function>
bool scripted_run::succeeds(Function function) {
  try {
    in_engine(function);
    return true;
  } catch (const error& failure) {
    require_tells(failure);
  } catch (const std::bad_alloc&) {
  }
  return false;
}

void scripted_run::run() {
  open();
  for (int i = 0; i < 3; ++i)
    commit();
  carefully([this] { (*db_)->sync(); });
  carefully([this] { db_->engine().maintenance().sync_if_due(); });  // this seals
  commit();
  carefully([this] { (*db_)->compact(); });
  commit();
  clock_.advance(std::chrono::seconds(100));
  carefully([this] { db_->sweep(); });
  carefully([this] { db_->reclaim(); });
  commit();
  close();
  open();
  commit();
  look_read_only();
  carefully([this] { (*db_)->compact(); });
  commit();
  close();
}

/// Opens the database. Only one thing fails, so a second attempt must succeed.
void scripted_run::open() {
  const auto attempt = [this] { db_.emplace(*files_, clock_, policy_); };
  if (!succeeds(attempt)) in_engine(attempt);
  take_over();
}

/// Requires that the open found one of the permitted states, which is the state from now on.
void scripted_run::take_over() {
  const snapshot view = (*db_)->begin_read();
  const std::size_t found = number_in(view);
  require(
      found + 1 == states_.size() || (unknown_ && found + 2 == states_.size()),
      "an open finds batch " + std::to_string(found) + " of " + std::to_string(states_.size() - 1));
  states_.resize(found + 1);
  unknown_ = false;
  require_shows(view, states_.back(), "an open");
}

void scripted_run::close() {
  closed_well_ = succeeds([this] { (*db_)->close(); });
  in_engine([this] { db_.reset(); });
}

void scripted_run::commit() {
  const batch next = make_batch(seed_, states_.size(),
                                {.longest_value = 900, .expiring = true, .now = clock_.now()});
  states_.push_back(states_.back());
  apply_batch(next, states_.back());
  under_way_ = true;
  const bool committed =
      succeeds([&] { (*db_)->update([&](transaction& tx) { apply_batch(next, tx); }); });
  under_way_ = false;
  if (!committed) {
    unknown_ = refuses_writes();
    if (unknown_) {
      reopen();
    } else {
      states_.pop_back();
    }
  }
  require_shows((*db_)->begin_read(), states_.back(), "after a commit");
}

void scripted_run::carefully(const std::function<void()>& step) {
  if (!succeeds(step) && refuses_writes()) reopen();
  require_shows((*db_)->begin_read(), states_.back(), "after a step");
}

void scripted_run::look_read_only() {
  const auto look = [this] {
    const database db = engine::database_access::open(*files_, test_database::path,
                                                      {.read_only = true, .clock = &clock_}, false);
    const bool empty = db.stats().items == 0;
    require(!empty, "a read-only open sees nothing");
  };
  if (!succeeds(look)) in_engine(look);
}

bool scripted_run::refuses_writes() {
  try {
    const transaction probe = (*db_)->begin();
    return false;
  } catch (const error& refusal) {
    require(refusal.code() == errc::writes_stopped,
            "a database that refuses to write says another why");
    return true;
  }
}

void scripted_run::reopen() {
  in_engine([this] { db_.reset(); });
  open();
}

void scripted_run::require_content(memory_file_system& disk, const std::string& who) {
  test_database db(disk, clock_, policy_);
  const snapshot view = db->begin_read();
  require(number_in(view) + 1 == states_.size(),
          who + ", batch " + std::to_string(number_in(view)) + " is the last that is there, of " +
              std::to_string(states_.size() - 1));
  require_shows(view, states_.back(), who);
}

void scripted_run::require_final() {
  require_content(*disk_.after_kill(), "at the end");
  if (!closed_well_) return;
  require_content(*disk_.after_power_cut(memory_file_system::unsynced_data::dropped),
                  "after the end and a power cut");
}

void scripted_run::require_survives_kill() {
  const auto left = disk_.after_kill();
  test_database db(*left, clock_, policy_);
  const snapshot view = db->begin_read();
  const std::size_t found = number_in(view);
  require(found + 1 == states_.size() || (under_way_ && found + 2 == states_.size()),
          "after the end of the process, batch " + std::to_string(found) +
              " is the last that is there, of " + std::to_string(states_.size() - 1));
  require_shows(view, states_[found], "after the end of the process");
}

}  // namespace buntdb::attacks
