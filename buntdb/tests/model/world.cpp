#include "model/world.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "model/index_check.hpp"
#include "model/index_plan.hpp"
#include "model/mismatch.hpp"

namespace buntdb::model {

using namespace std::chrono_literals;
using testing::memory_file_system;
using unsynced_data = memory_file_system::unsynced_data;

namespace {

/// Returns what a snapshot shows, with all that is known about it.
state all_of(const snapshot& view) {
  state found;
  for (const auto [key, value] : view.ascend()) {
    const auto item = view.find(key);
    found[std::string(key)] = {std::string(value), item->expires_at.time_since_epoch().count(),
                               item->revision};
  }
  for (const std::string& name : view.indexes())
    found.indexes[name] = {&plan_of(*view.index(name))};
  return found;
}

/// Also returns expired items, as a snapshot that begins in the past sees them.
state all_of(database& db, testing::fake_clock& clock) {
  const std::chrono::nanoseconds back = clock.now().time_since_epoch() - 1h;
  clock.advance(-back);
  const snapshot view = db.begin_read();
  clock.advance(back);
  return all_of(view);
}

}  // namespace

world::world(random_source& random, sync_policy policy)
    : random_(random),
      policy_(policy),
      disk_(std::make_unique<memory_file_system>()),
      db_(std::make_unique<testing::test_database>(*disk_, clock_, policy)),
      states_{state{}} {
  disk_->set_clock(clock_);
}

world::~world() {
  held_.clear();
}

state world::everything() {
  return all_of(db(), clock_);
}

void world::committed(state next) {
  ++commits_;
  const state found = everything();
  std::uint64_t new_revision = 0;
  for (auto& [key, item] : next) {
    const auto at = found.find(key);
    require(at != found.end(), "after a commit, " + shown(key) + " is missing");
    const std::uint64_t revision = at->second.revision;
    if (item.revision != 0) {
      require(revision == item.revision, "the revision of " + shown(key) + " changed to " +
                                             std::to_string(revision) + " though nobody set it");
      continue;
    }
    require(revision > greatest_revision_, "the revision of " + shown(key) + " has not grown");
    require(new_revision == 0 || revision == new_revision, "two revisions in one transaction");
    new_revision = item.revision = revision;
  }
  greatest_revision_ = std::max(greatest_revision_, new_revision);
  require(same(found, next), "after a commit: " + difference(found, next));
  require_indexes(db().begin_read(), next, "after a commit");
  follow(std::move(next));
}

void world::follow(state next) {
  states_.push_back(std::move(next));
  if (policy_ == sync_policy::always) states_.erase(states_.begin(), states_.end() - 1);
}

void world::require_current() {
  require_same(db().begin_read(), current(), "a new snapshot");
  require(same(everything(), current()), "what has expired is not as it should be");
}

/// Turns the clock: mostly forward, by so much that something expires; sometimes far, sometimes
/// back.
void world::turn_clock() {
  const std::uint64_t kind = random_.below(20);
  const std::int64_t most = kind == 0 ? 100'000'000 : kind < 4 ? 600'000 : 2'000;
  std::chrono::nanoseconds by = std::chrono::milliseconds(random_.between(0, most));
  by += std::chrono::nanoseconds(random_.below(1'000'000));
  clock_.advance(kind % 5 == 3 ? -by / 2 : by);
}

/// Removes expired items. Items that expired at least a second ago must be removed; items that have
/// expired may be removed.
void world::sweep(bool to_the_end) {
  const state before = current();
  unsigned removed = 0;
  bool more = true;
  for (unsigned steps = 0; more && steps < (to_the_end ? 100U : 1U); ++steps) {
    const auto step = db_->engine().sweeper().remove_some();
    removed += step.removed;
    more = step.more;
    if (step.removed == 0) continue;
    ++commits_;
    swept_ += step.removed;
    state next = everything();
    require(next.size() + step.removed == current().size(), "the sweep tells another number");
    follow(std::move(next));
  }
  const state& after = current();
  for (const auto& [key, item] : before) {
    const auto at = after.find(key);
    if (at == after.end()) {
      require(!item.live(now()), "the sweep removed " + shown(key) + ", which is alive");
    } else {
      require(at->second.value == item.value && at->second.expires == item.expires &&
                  at->second.revision == item.revision,
              "the sweep changed " + shown(key));
      require(!to_the_end || more || item.live(now() - 1s),
              "the sweep left " + shown(key) + ", which expired more than a second ago");
    }
  }
  require(before.size() == after.size() + removed, "the sweep brought something to life");
}

void world::reclaim(bool to_the_end) {
  if (to_the_end) {
    db_->reclaim();
  } else {
    static_cast<void>(db_->engine().core().reclaim());
  }
}

void world::sync() {
  db().sync();
  states_.erase(states_.begin(), states_.end() - 1);
  if (random_.one_in(2))
    db_->engine().maintenance().sync_if_due();  // seals; nothing is due directly after a sync
}

/// Compacts, which changes nothing visible. It may sync, but a power cut still leaves one of
/// states_.
void world::compact() {
  db().compact();
  require_current();
}

void world::save_a_copy() {
  std::ostringstream out;
  db().save(out);
  copy_ = out.str();
  copied_ = reloaded(current());
  testing::test_database other(clock_);
  std::istringstream in(copy_);
  other->load(in);
  const state found = all_of(*other, clock_);
  require(same(found, copied_), "a copy is wrong: " + difference(found, copied_));
  require_same(other->begin_read(), copied_, "a copy");
}

void world::load_the_copy() {
  if (copy_.empty()) return;
  state next = current();
  for (const auto& [key, item] : copied_)
    next[key] = {item.value, item.expires, 0};
  for (const auto& [name, index] : copied_.indexes)
    next.indexes[name] = index;
  std::istringstream in(copy_);
  const bool equal = std::any_of(next.indexes.begin(), next.indexes.end(), [&](const auto& index) {
    return index.second.plan->ordered.unique && holds_equal(next, *index.second.plan, now());
  });
  try {
    db().load(in);
    require(!equal, "a copy was loaded that a unique index cannot hold");
    committed(std::move(next));
  } catch (const error& refused) {
    require(equal && refused.code() == errc::not_unique, refused.what());
    require_current();
  }
}

void world::hold_snapshot() {
  held one{db().begin_read(), current()};
  if (held_.size() < 6) {
    held_.push_back(std::move(one));
    return;
  }
  held& old = held_[static_cast<std::size_t>(random_.below(held_.size()))];
  check_held(old, "at its end");
  old = std::move(one);
}

void world::check_held(const held& one, const std::string& when) {
  require_same(one.view, one.expected, "a held snapshot " + when);
}

void world::look_at_a_held_snapshot() {
  if (held_.empty()) return;
  const auto index = static_cast<std::size_t>(random_.below(held_.size()));
  check_held(held_[index], "in between");
  if (random_.one_in(3)) held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
}

void world::let_go_of_snapshots() {
  for (const held& one : held_)
    check_held(one, "at its end");
  held_.clear();
  reclaim(true);
  const statistics figures = db().stats();
  require(figures.pinned_versions == 0, "versions are pinned though nobody reads");
  // Items, nodes that are at least a quarter full (except at the edge), and the versions kept for
  // reuse; in an index one entry for each item, and nodes.
  const std::uint64_t size = current().size();
  const std::uint64_t most =
      size + size / 8 + 32 + current().indexes.size() * (size + size / 3 + 24);
  require(figures.memory_blocks <= most, std::to_string(figures.memory_blocks) +
                                             " blocks of memory are kept for " +
                                             std::to_string(current().size()) + " items");
}

namespace {

/// Returns the content of the file, expired or not, as a database sees it that opens a copy in the
/// past.
state content_of(const memory_file_system& disk) {
  const auto copy = disk.after_power_cut(unsynced_data::kept);
  testing::fake_clock past;
  past.advance(1h - past.now().time_since_epoch());
  testing::test_database db(*copy, past, sync_policy::never);
  return all_of(db->begin_read());
}

}  // namespace

/// Opens a database on this disk, or on the present one again. It must then contain `expected`.
void world::reopen(std::unique_ptr<memory_file_system> disk, const state& expected) {
  for (const held& one : held_)
    check_held(one, "before the end of the database");
  held_.clear();
  db_.reset();
  ++reopens_;
  if (disk != nullptr) disk_ = std::move(disk);
  const state content = content_of(*disk_);
  require(same(content, reloaded(expected)),
          "the file to open is wrong: " + difference(content, reloaded(expected)));
  db_ = std::make_unique<testing::test_database>(*disk_, clock_, policy_);
  state now_there = reloaded(expected);
  const state found = everything();
  require(same(found, now_there), "a reopened database is wrong: " + difference(found, now_there));
  for (auto& [key, item] : now_there)
    item.revision = found.at(key).revision;
  greatest_revision_ = 1;
  states_.clear();
  states_.push_back(std::move(now_there));
}

void world::close_and_reopen() {
  if (random_.one_in(2)) db().close();  // otherwise the destructor does
  reopen(nullptr, state(states_.back()));
  require(db().stats().recovered_bytes == 0, "a file that was closed properly was cut");
}

void world::kill_and_reopen() {
  reopen(disk_->after_power_cut(unsynced_data::kept), state(states_.back()));
  require(db().stats().recovered_bytes == 0, "the file of a killed process was cut");
}

void world::cut_power_and_reopen() {
  const bool torn = random_.one_in(2);
  const std::uint64_t chance = random_.below(101);
  auto after = torn ? disk_->after_power_cut(unsynced_data::kept,
                                             [&](const std::string&, std::size_t, std::uint64_t) {
                                               return random_.below(100) < chance;
                                             })
                    : disk_->after_power_cut(unsynced_data::dropped);
  // The latest state that matches; the states after it are lost, and none before the last sync may
  // appear.
  const state content = content_of(*after);
  for (auto at = states_.rbegin(); at != states_.rend(); ++at) {
    if (!same(content, reloaded(*at))) continue;
    commits_lost_ += static_cast<std::uint64_t>(at - states_.rbegin());
    reopen(std::move(after), state(*at));
    return;
  }
  throw mismatch(std::string("after a power cut") + (torn ? " that tore writes" : "") +
                 ", the database holds none of the " + std::to_string(states_.size()) +
                 " states since the last sync; to the last one: " +
                 difference(content, reloaded(states_.back())));
}

}  // namespace buntdb::model
