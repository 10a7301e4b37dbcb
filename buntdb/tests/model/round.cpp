#include "model/round.hpp"

#include <cerrno>
#include <optional>
#include <utility>

#include "model/changes.hpp"
#include "model/index_check.hpp"
#include "model/index_plan.hpp"
#include "model/index_walk.hpp"
#include "model/material.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "model/walk.hpp"
#include "model/world.hpp"

namespace buntdb::model {

namespace {

/// Thrown by a user's function to leave update().
struct left_by_exception {};

class round {
 public:
  round(std::uint64_t seed, sync_policy policy)
      : random_(seed * 3 + static_cast<std::uint64_t>(policy)),
        make_(random_),
        world_(random_, policy) {}

  void operation(std::uint64_t step);
  void finish();
  summary told(std::uint64_t operations) const;

 private:
  void one_shot();
  void change_indexes();
  void update(bool leave_by_exception);
  void by_hand();
  void with_a_failing_disk();
  void change(transaction& tx, state& draft);
  void read();

  random_source random_;
  material make_;
  world world_;
  std::uint64_t changes_ = 0;
};

void round::operation(std::uint64_t step) {
  // Under every_second, a sync that is late by the real clock would make two runs differ.
  if (step % 64 == 63) world_.sync();
  const std::uint64_t kind = random_.below(1000);
  if (kind < 130) {
    one_shot();
  } else if (kind < 150) {
    change_indexes();
  } else if (kind < 330) {
    update(false);
  } else if (kind < 380) {
    update(true);
  } else if (kind < 500) {
    by_hand();
  } else if (kind < 530) {
    with_a_failing_disk();
  } else if (kind < 640) {
    read();
  } else if (kind < 760) {
    world_.turn_clock();
  } else if (kind < 820) {
    world_.sweep(random_.one_in(2));
  } else if (kind < 860) {
    world_.reclaim(random_.one_in(3));
  } else if (kind < 910) {
    world_.hold_snapshot();
  } else if (kind < 950) {
    world_.look_at_a_held_snapshot();
  } else if (kind < 955) {
    world_.let_go_of_snapshots();
  } else if (kind < 970) {
    world_.sync();
  } else if (kind < 974) {
    world_.save_a_copy();
  } else if (kind < 977) {
    world_.load_the_copy();
  } else if (kind < 982) {
    world_.compact();
  } else if (kind < 986) {
    world_.close_and_reopen();
  } else if (kind < 991) {
    world_.kill_and_reopen();
  } else {
    world_.cut_power_and_reopen();
  }
}

void round::one_shot() {
  const std::string key = make_.key();
  state next = world_.current();
  const auto at = next.find(key);
  const bool there = at != next.end() && at->second.live(world_.now());
  if (random_.one_in(3)) {
    const bool known = at != next.end();
    require(world_.db().erase(key) == there, "database::erase(" + shown(key) + ") is wrong");
    next.erase(key);
    if (known) world_.committed(std::move(next));
  } else if (random_.one_in(4)) {
    const auto found = world_.db().get(key);
    require(found.has_value() == there && (!there || *found == at->second.value),
            "database::get(" + shown(key) + ") is wrong");
  } else {
    const std::string value = make_.value();
    const auto [options, expires] = make_.life(world_.now());
    if (conflicts(next, key, value, world_.now())) {
      try {
        world_.db().set(key, value, options);
      } catch (const error& refused) {
        require(refused.code() == errc::not_unique, refused.what());
        return;
      }
      throw mismatch("an equal item was not refused: " + shown(key));
    }
    world_.db().set(key, value, options);
    next[key] = {value, expires, 0};
    world_.committed(std::move(next));
  }
}

/// Creates or drops indexes outside a transaction, sometimes on a disk that refuses writes, which
/// affects persistent indexes.
void round::change_indexes() {
  const std::string name = make_.index_name();
  state next = world_.current();
  const bool there = next.indexes.contains(name);
  const index_plan& plan = random_.pick(index_plans());
  const bool equal = plan.ordered.unique && holds_equal(next, plan, world_.now());
  const bool fails = random_.one_in(5);
  if (fails) world_.disk().fail_nth(1, ENOSPC, testing::io_call::write);
  bool failed = false;
  try {
    if (random_.one_in(4)) {
      require(world_.db().drop_index(name) == there, "database::drop_index() is wrong");
      next.indexes.erase(name);
    } else {
      random_.one_in(3) ? plan.replace(world_.db(), name) : plan.create(world_.db(), name);
      require(!equal, "a unique index was made of equal items");
      next.indexes[name] = {&plan, changes::made()};
    }
  } catch (const error& failure) {
    failed = true;
    require((fails && failure.code() == std::errc::no_space_on_device) ||
                (equal && failure.code() == errc::not_unique) ||
                (there && failure.code() == errc::index_exists),
            std::string("an index cannot be made or dropped: ") + failure.what());
  }
  world_.disk().heal();
  if (failed) {
    world_.require_current();
  } else {
    world_.committed(std::move(next));
  }
}

void round::change(transaction& tx, state& draft) {
  changes make_changes(random_, make_, tx, draft);
  const std::uint64_t count = random_.one_in(15) ? random_.below(600) : random_.below(12);
  for (std::uint64_t i = 0; i < count; ++i) {
    make_changes.one();
    if (random_.one_in(50)) world_.turn_clock();  // without effect on this transaction
    if (random_.one_in(100)) world_.require_current();
    if (random_.one_in(100)) world_.hold_snapshot();
    if (random_.one_in(100)) world_.look_at_a_held_snapshot();
  }
  changes_ += make_changes.count();
}

void round::update(bool leave_by_exception) {
  state draft = world_.current();
  try {
    world_.db().update([&](transaction& tx) {
      change(tx, draft);
      if (leave_by_exception) throw left_by_exception();
    });
    world_.committed(std::move(draft));
  } catch (const left_by_exception&) {
    world_.require_current();
  }
}

void round::by_hand() {
  state draft = world_.current();
  std::optional<transaction> tx = world_.db().try_begin_for({});
  require(tx.has_value(), "nobody writes, but begin() waits");
  change(*tx, draft);
  transaction moved = std::move(*tx);
  if (random_.one_in(2)) change(moved, draft);
  switch (random_.below(4)) {
    case 0:
      moved.rollback();
      break;
    case 1:
      break;  // its end rolls it back
    default:
      moved.commit();
      world_.committed(std::move(draft));
      return;
  }
}

/// Commits on a disk that accepts the first bytes of a write and refuses the rest. Only the commit
/// fails.
void round::with_a_failing_disk() {
  state draft = world_.current();
  transaction tx = world_.db().begin();
  change(tx, draft);
  world_.disk().limit_writes(1 + static_cast<std::size_t>(random_.below(100)));
  world_.disk().fail_nth(1 + random_.below(4), ENOSPC, testing::io_call::write);
  bool failed = false;
  try {
    tx.commit();
  } catch (const error& failure) {
    require(failure.code() == std::errc::no_space_on_device,
            std::string("a full disk fails as something else: ") + failure.what());
    failed = true;
  }
  world_.disk().heal();
  world_.disk().limit_writes({});
  if (failed) {
    world_.require_current();
  } else {
    world_.committed(std::move(draft));
  }
}

void round::read() {
  const snapshot view = world_.db().begin_read();
  if (random_.one_in(4)) {
    require_same(view, world_.current(), "a new snapshot");
  } else {
    walk(view, world_.current(), make_, random_, [](const std::string&) {});
    for (const auto& [name, index] : world_.current().indexes) {
      if (!index.plan->spatial) {
        walk_ordered(view, world_.current(), name, make_, random_, [](const std::string&) {});
      }
    }
  }
}

void round::finish() {
  world_.require_current();
  world_.let_go_of_snapshots();
  world_.close_and_reopen();
  world_.require_current();
}

summary round::told(std::uint64_t operations) const {
  // FNV-1a over keys, values and expiries.
  std::uint64_t digest = 14695981039346656037U;
  const auto add = [&digest](std::string_view bytes) {
    for (const char byte : bytes)
      digest = (digest ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  };
  for (const auto& [key, item] : world_.current())
    add(key + "=" + item.value + "@" + std::to_string(item.expires));
  for (const auto& [name, index] : world_.current().indexes)
    add(name + "/" + index.plan->pattern());
  return {.operations = operations,
          .changes = changes_,
          .commits = world_.commits(),
          .reopens = world_.reopens(),
          .swept = world_.swept(),
          .commits_lost = world_.commits_lost(),
          .digest = digest};
}

}  // namespace

summary run_round(std::uint64_t seed, sync_policy policy, std::uint64_t operations,
                  std::atomic<std::uint64_t>& step) {
  round running(seed, policy);
  for (step = 0; step < operations; ++step)
    running.operation(step);
  running.finish();
  return running.told(operations);
}

}  // namespace buntdb::model
