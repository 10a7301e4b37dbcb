#include "storage/bulk_loader.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/write_state.hpp"
#include "tree/check_node.hpp"
#include "tree/cursor.hpp"
#include "version/item_commands.hpp"

namespace buntdb::engine {
namespace {

/// A version made by bulk_loader, which may keep few items waiting so that it merges often, next to
/// the map that it should equal.
class bulk_model {
 public:
  explicit bulk_model(std::uint64_t waiting_bytes)
      : keys_(memory_, first(version_), waiting_bytes) {}
  ~bulk_model() {
    write_state::discard(memory_, version_);
    EXPECT_EQ(memory_.blocks(), 0U);
  }

  void set(const std::string& key, const std::string& value) {
    keys_.set(key, value, item::no_expiry);
    model_[key] = value;
  }
  void erase(const std::string& key) {
    keys_.erase(key);
    model_.erase(key);
  }
  void clear() {
    keys_.clear();
    model_.clear();
  }

  void finish_and_check() {
    keys_.finish();
    std::map<std::string, std::string> found;
    std::uint64_t bytes = 0;
    std::size_t created = 0;
    cursor at;
    for (at.seek_first(version_.keys); !at.at_end(); at.next()) {
      const auto& item = *static_cast<const engine::item*>(at.entry());
      found.emplace(item.key(), item.value());
      bytes += command_size(item);
    }
    for (const list_link* one = version_.created.begin(); one != version_.created.end();
         one = one->next) {
      ++created;
    }
    EXPECT_EQ(found, model_);
    EXPECT_EQ(version_.size, model_.size());
    EXPECT_EQ(version_.live_bytes, bytes);
    EXPECT_EQ(created, model_.size()) << "what was superseded is still there";
    if (version_.keys != nullptr) {
      EXPECT_EQ(check(*version_.keys, true), model_.size());
    }
  }

  const version& made() const noexcept { return version_; }
  std::uint64_t memory_bytes() const noexcept { return memory_.bytes(); }

 private:
  static version& first(version& made) noexcept {
    made.number = 1;
    return made;
  }

  pool memory_;
  version version_;
  bulk_loader keys_;
  std::map<std::string, std::string> model_;
};

TEST(bulk_loader, equals_a_map_whatever_the_order_of_sets_and_erasures) {
  std::mt19937 random(11);
  for (const std::uint64_t waiting_bytes :
       {std::uint64_t{0}, std::uint64_t{900}, std::uint64_t{20'000},
        bulk_loader::usual_waiting_bytes}) {
    for (int round = 0; round < 12; ++round) {
      bulk_model model(waiting_bytes);
      // Keys that share their prefix or are prefixes of each other, some of them equal.
      const std::string head = round % 3 == 0 ? "session:" : "";
      const unsigned different = round % 2 == 0 ? 100 : 2000;
      for (int i = 0; i < 900; ++i) {
        const std::string key = head + std::to_string(random() % different);
        if (random() % 4 == 0) {
          model.erase(key);
        } else {
          model.set(key, std::to_string(i));
        }
        if (round % 4 == 3 && i == 450) model.clear();
      }
      model.finish_and_check();
    }
  }
}

TEST(bulk_loader, goes_on_after_it_was_finished) {
  std::mt19937 random(12);
  bulk_model model(bulk_loader::usual_waiting_bytes);
  for (int i = 0; i < 5000; ++i)
    model.set(std::to_string(random() % 10'000), "first");
  model.finish_and_check();
  for (int round = 0; round < 60; ++round) {
    // Few items, which are inserted one by one; many, which are merged with the tree; and at the
    // end.
    const int more = round % 20 == 7 ? 3000 : 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < more; ++i) {
      const std::string key = std::to_string(random() % 10'000);
      if (random() % 3 == 0) {
        model.erase(key);
      } else {
        model.set(key, std::to_string(round));
      }
    }
    model.set("z" + std::to_string(1000 + round), "after all others");
    if (round == 45) model.clear();
    model.finish_and_check();
  }
}

TEST(bulk_loader, takes_runs_that_ascend_between_others) {
  bulk_model model(2000);
  char key[16];
  for (const int step : {3, 5, 1, 7}) {
    for (int i = 0; i < 4000; i += step) {
      std::snprintf(key, sizeof key, "%06d", i);
      model.set(key, std::to_string(step));
    }
    model.erase("000015");
    model.erase("none");
  }
  model.finish_and_check();
}

TEST(bulk_loader, fills_its_nodes_in_random_order) {
  bulk_model model(bulk_loader::usual_waiting_bytes);
  for (unsigned i = 0; i < 64 * 64; ++i)
    model.set(std::to_string((i * 2'654'435'761U) % 4096 + 10'000), "");
  model.finish_and_check();
  EXPECT_EQ(model.made().keys->level, 1U);  // 64 full leaves
}

TEST(bulk_loader, of_one_key_set_again_and_again_takes_little_memory) {
  constexpr std::size_t waiting = 100'000;
  bulk_model model(waiting);
  std::uint64_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    model.set("only", std::string(5000, 'x'));
    most = std::max(most, model.memory_bytes());
  }
  EXPECT_LT(most, 2 * waiting);
  model.finish_and_check();
}

TEST(bulk_loader, can_be_given_up_at_any_time) {
  for (int last = 0; last < 400; last += 7) {
    bulk_model model(1000);
    for (int i = 0; i < last; ++i)
      i % 5 == 4 ? model.erase(std::to_string(i / 2)) : model.set(std::to_string(i * 37 % 100), "");
  }
}

}  // namespace
}  // namespace buntdb::engine
