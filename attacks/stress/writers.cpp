#include <array>
#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "model/mismatch.hpp"
#include "stress/checks.hpp"
#include "stress/data.hpp"
#include "stress/worker.hpp"

namespace buntdb::attacks::stress {

namespace {

using namespace std::chrono_literals;
using model::require;

/// Commits in each of the available ways, and counts its commits in the database, too.
class writer : public worker {
 public:
  writer(std::uint64_t seed, unsigned thread)
      : worker(seed), count_key_(std::string(count_prefix) + std::to_string(thread)) {}

  void finish(life&) override { wait_for_commits(); }

  void require_kept(const reader& view) override {
    const auto found = view.get(count_key_);
    require(found.value_or("0") == std::to_string(committed_),
            count_key_ + ": " + std::to_string(committed_) +
                " were acknowledged, and the file has " + std::string(found.value_or("none")));
  }

 protected:
  /// Returns nothing if another thread writes.
  std::optional<transaction> begin(database& db) {
    switch (random_.below(4)) {
      case 0:
        return db.try_begin();
      case 1:
        return db.try_begin_for(1ms);
      default:
        return std::optional(db.begin());
    }
  }

  void commit(transaction& tx) {
    tx.set(count_key_, std::to_string(committed_ + 1));
    const std::uint64_t way = random_.below(6);
    if (way == 0) {
      under_way_.push_back(tx.commit_async());
    } else if (way == 1) {
      const auto done = std::make_shared<std::promise<void>>();
      tx.commit_then([done](const std::exception_ptr& failure) {
        failure ? done->set_exception(failure) : done->set_value();
      });
      done->get_future().get();
    } else if (way > 3 || !tx.try_commit()) {
      tx.commit();
    }
    ++committed_;
    constexpr std::size_t most_under_way = 8;
    if (under_way_.size() >= most_under_way) wait_for_commits();
  }

  void wait_for_commits() {
    for (std::future<void>& each : std::exchange(under_way_, {}))
      each.get();
  }

 private:
  std::string count_key_;
  std::uint64_t committed_ = 0;
  std::vector<std::future<void>> under_way_;
};

class teller final : public writer {
 public:
  using writer::writer;

  void step(life& now) override {
    std::optional<transaction> tx = begin(now.db);
    if (!tx) return;
    for (std::uint64_t left = 1 + random_.below(4); left != 0; --left)
      transfer(*tx, random_);
    if (random_.one_in(50)) require_consistent(*tx, "a transaction", random_);
    if (random_.one_in(10)) {
      tx->rollback();
    } else {
      commit(*tx);
      now.counts.add("transfers");
    }
    if (random_.one_in(20)) leave_by_exception(now);
  }

 private:
  void leave_by_exception(life& now) {
    try {
      now.db.update([&](transaction& tx) {
        transfer(tx, random_);
        throw std::runtime_error("changed my mind");
      });
    } catch (const std::runtime_error& failure) {
      if (dynamic_cast<const error*>(&failure) != nullptr) throw;
    }
  }
};

/// Writes items that no other thread writes, and knows the value of each.
class owner final : public writer {
 public:
  owner(std::uint64_t seed, unsigned thread) : writer(seed, thread), thread_(thread) {}

  void step(life& now) override {
    if (random_.one_in(3)) return look(now);
    std::optional<transaction> tx = begin(now.db);
    if (!tx) return;
    auto draft = items_;
    for (std::uint64_t left = random_.one_in(30) ? owned_items : random_.below(6); left != 0;
         --left)
      change(*tx, draft);
    if (random_.one_in(20)) erase_on_the_way(*tx, draft);
    if (random_.one_in(10)) return;  // its end rolls it back
    commit(*tx);
    items_ = std::move(draft);
    now.counts.add("changes of owned items");
  }

  void require_kept(const reader& view) override {
    writer::require_kept(view);
    require_mine(view, items_);
  }

 private:
  using item_map = std::map<std::string, std::uint64_t, std::less<>>;  // revisions by key

  void change(transaction& tx, item_map& draft) {
    const std::string key = owned_key(thread_, static_cast<unsigned>(random_.below(owned_items)));
    if (random_.one_in(4)) {
      require(tx.erase(key).has_value() == (draft.erase(key) != 0),
              "erase() is wrong about " + key);
    } else {
      draft[key] = ++last_;
      tx.set(key, owned_value(key, last_));
    }
  }

  /// Erases items while a range iterates over them.
  void erase_on_the_way(transaction& tx, item_map& draft) {
    for (const entry item : tx.ascend(mine())) {
      if (!random_.one_in(3)) continue;
      const std::string key(item.key);
      tx.erase(key);
      draft.erase(key);
    }
    require_mine(tx, draft);
  }

  void look(life& now) {
    const std::string key = owned_key(thread_, static_cast<unsigned>(random_.below(owned_items)));
    wait_for_commits();  // so that what it reads next is visible
    const std::optional<held_item> found = now.db.find(key);
    const auto known = items_.find(key);
    require(found.has_value() == (known != items_.end()) &&
                (!found || found->value == owned_value(key, known->second)),
            "find() is wrong about " + key);
    require_mine(now.db.begin_read(), items_);
  }

  void require_mine(const reader& view, const item_map& wanted) const {
    auto at = wanted.begin();
    for (const entry item : view.ascend(mine())) {
      require(at != wanted.end() && item.key == at->first,
              std::string(item.key) + " is not what comes next");
      require(item.value == owned_value(at->first, at->second), at->first + " is another one");
      ++at;
    }
    require(at == wanted.end(), "owned items are missing");
  }

  bounds mine() const { return {.at_least = first_, .less_than = end_}; }

  const unsigned thread_;
  const std::string first_ = owned_key(thread_, 0);
  const std::string end_ = std::string(owned_prefix) + std::to_string(thread_) + ';';
  std::uint64_t last_ = 0;
  item_map items_;
};

class mover final : public writer {
 public:
  using writer::writer;

  void step(life& now) override {
    constexpr unsigned places = 150;
    std::optional<transaction> tx = begin(now.db);
    if (!tx) return;
    for (std::uint64_t left = 1 + random_.below(10); left != 0; --left) {
      const std::string key = place_key(static_cast<unsigned>(random_.below(places)));
      if (random_.one_in(8)) {
        tx->erase(key);
      } else {
        tx->set(key, place_value(static_cast<unsigned>(random_.below(100)),
                                 static_cast<unsigned>(random_.below(100))));
      }
    }
    commit(*tx);
    now.counts.add("moves of places");
  }
};

/// Items that expire soon, or get another expiry before.
class brief_setter final : public writer {
 public:
  using writer::writer;

  void step(life& now) override {
    std::optional<transaction> tx = begin(now.db);
    if (!tx) return;
    for (std::uint64_t left = 1 + random_.below(10); left != 0; --left) {
      const std::string key = brief_key(static_cast<unsigned>(random_.below(brief_items)));
      const set_options options{.ttl = std::chrono::microseconds(random_.below(60'000))};
      if (random_.one_in(4)) {
        tx->set_expiry(key, options);
      } else {
        tx->set(key, std::to_string(random_.below(1000)), options);
      }
    }
    commit(*tx);
    now.counts.add("commits of brief items");
  }
};

class index_maker final : public writer {
 public:
  using writer::writer;

  void step(life& now) override {
    const index_plan& plan = random_.pick(index_plans());
    try {
      if (random_.one_in(3)) {
        in_transaction(now, plan);
      } else if (random_.one_in(3)) {
        now.db.drop_index(plan.name);
      } else {
        plan.create(now.db, choices.at(random_.below(choices.size())));
      }
      now.counts.add("index changes");
    } catch (const error& failure) {
      if (failure.code() != errc::index_exists) throw;
    }
  }

 private:
  static constexpr std::array choices{existing_index::refuse, existing_index::replace,
                                      existing_index::keep};

  void in_transaction(life& now, const index_plan& plan) {
    transaction tx = now.db.begin();
    transfer(tx, random_);
    tx.drop_index(plan.name);
    if (random_.one_in(2)) plan.create(tx, existing_index::refuse);
    transfer(tx, random_);
    if (tx.index(plan.name)) require_index(tx, plan, "a transaction", random_);
    if (random_.one_in(2)) commit(tx);
  }
};

}  // namespace

void transfer(transaction& tx, model::random_source& random) {
  const std::string from = account_key(static_cast<unsigned>(random.below(accounts)));
  const std::string to = account_key(static_cast<unsigned>(random.below(accounts)));
  const auto amount = static_cast<std::int64_t>(random.below(50));
  const auto book = [&](const std::string& key, std::int64_t change) {
    const auto found = tx.get(key);
    require(found.has_value(), key + " is missing");
    tx.set(key, account_value(balance_in(*found) + change, random.below(300)));
  };
  book(from, -amount);
  book(to, amount);
}

void add_writers(worker_list& workers, std::uint64_t seed) {
  unsigned thread = 0;
  for (; thread < first_owner; ++thread)
    workers.push_back(std::make_unique<teller>(seed + thread, thread));
  for (; thread < first_owner + owners; ++thread)
    workers.push_back(std::make_unique<owner>(seed + thread, thread));
  workers.push_back(std::make_unique<mover>(seed + thread, thread));
  ++thread;
  workers.push_back(std::make_unique<brief_setter>(seed + thread, thread));
  ++thread;
  workers.push_back(std::make_unique<index_maker>(seed + thread, thread));
}

}  // namespace buntdb::attacks::stress
