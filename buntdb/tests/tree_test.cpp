#include "tree/tree.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/write_state.hpp"
#include "storage/bulk_loader.hpp"
#include "version/item_commands.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {
namespace {

/// The invariants of node.hpp, checked below a node; gives the number of entries.
std::size_t check(const node& at, bool last) {
  EXPECT_LE(at.count, at.capacity);
  EXPECT_LE(at.capacity, node::max_count);
  EXPECT_GT(at.count, 0U);
  std::size_t entries = 0;
  for (unsigned i = 0; i < at.count; ++i) {
    const auto& item = *static_cast<const engine::item*>(at.entries()[i]);
    EXPECT_EQ(at.prefixes()[i], key_order::prefix_of(item.key()));
    if (i != 0) {
      EXPECT_LT(static_cast<const engine::item*>(at.entries()[i - 1])->key(), item.key());
    }
    if (at.level == 0) {
      ++entries;
      continue;
    }
    const node& child = *at.children()[i];
    const bool last_child = last && i + 1U == at.count;
    EXPECT_EQ(child.level + 1, at.level);
    EXPECT_EQ(child.entries()[0], at.entries()[i]) << "not the smallest entry of its child";
    if (!last_child) {
      EXPECT_GE(child.count, node::min_count);
    }
    entries += check(child, last_child);
  }
  return entries;
}

/// A tree of items that a test changes, beside the map it should equal.
class tree_model {
 public:
  ~tree_model() {
    while (!items_.empty())
      item::destroy(memory_, items_.pop_front());
    destroy_tree(memory_, root_);
    free_retired();
    EXPECT_EQ(memory_.blocks(), 0U);
    EXPECT_EQ(memory_.bytes(), 0U);
  }

  void begin() {
    editor_.emplace(memory_, ++version_);
    before_ = root_;
  }
  void commit() {
    retired_.splice_back(editor_->retired());
    free_retired();
  }
  void roll_back() {
    editor_->discard(root_);
    editor_->retired() = {};
    root_ = before_;
  }

  item* insert(const std::string& key) {
    item* made = item::create(memory_, version_, key, "value of " + key, item::no_expiry);
    items_.push_back(made);
    return editor_->insert<key_order>(root_, *made);
  }
  item* erase(const std::string& key) { return editor_->erase<key_order>(root_, key); }

  std::vector<std::string> keys() const {
    std::vector<std::string> found;
    cursor at;
    for (at.seek_first(root_); !at.at_end(); at.next()) {
      found.emplace_back(static_cast<item*>(at.entry())->key());
    }
    return found;
  }
  std::vector<std::string> keys_backwards() const {
    std::vector<std::string> found;
    cursor at;
    for (at.seek_last(root_); !at.at_end(); at.previous()) {
      found.emplace_back(static_cast<item*>(at.entry())->key());
    }
    return found;
  }
  node* root() const { return root_; }

 private:
  void free_retired() {
    while (!retired_.empty())
      node::destroy(memory_, static_cast<node*>(retired_.pop_front()));
  }

  pool memory_;
  item_list items_;  // all of them; the tree points to some
  node* root_ = nullptr;
  node* before_ = nullptr;
  std::uint64_t version_ = 0;
  std::optional<tree_editor> editor_;
  retired_chain retired_;
};

std::vector<std::string> sorted(const std::set<std::string>& keys) {
  return {keys.begin(), keys.end()};
}

TEST(KeyOrder, prefixes_are_the_first_bytes_as_a_number_on_every_machine) {
  EXPECT_EQ(key_order::prefix_of(""), 0U);
  EXPECT_EQ(key_order::prefix_of("ab"), 0x6162'0000'0000'0000U);
  EXPECT_EQ(key_order::prefix_of("abcdefgh"), 0x6162'6364'6566'6768U);
  EXPECT_EQ(key_order::prefix_of("abcdefghi"), 0x6162'6364'6566'6768U);
  EXPECT_EQ(key_order::prefix_of("\xff"), 0xff00'0000'0000'0000U);
}

TEST(Tree, keeps_its_invariants_and_equals_a_set_through_random_changes) {
  std::mt19937 random(7);
  tree_model tree;
  std::set<std::string> model;
  const auto random_key = [&] {
    // Short alphabets and lengths make shared prefixes, prefixes of each other and duplicates.
    std::string key(random() % 12, ' ');
    for (char& c : key)
      c = "ab\0\xff"[random() % 4];
    return key;
  };
  for (int round = 0; round < 400; ++round) {
    const std::set<std::string> before = model;
    tree.begin();
    // Phases that grow, churn and shrink.
    const unsigned inserts = round % 100 < 60 ? 6 : 2;
    for (int i = 0; i < 60; ++i) {
      const std::string key = random_key();
      if (random() % 8 < inserts) {
        EXPECT_EQ(tree.insert(key) == nullptr, model.insert(key).second);
      } else {
        EXPECT_EQ(tree.erase(key) != nullptr, model.erase(key) == 1);
      }
    }
    if (random() % 4 == 0) {
      tree.roll_back();
      model = before;
    } else {
      tree.commit();
    }
    ASSERT_EQ(tree.keys(), sorted(model));
    if (tree.root() != nullptr) {
      ASSERT_EQ(check(*tree.root(), true), model.size());
    }
  }
  std::vector<std::string> backwards = tree.keys_backwards();
  EXPECT_EQ(std::vector<std::string>(backwards.rbegin(), backwards.rend()), sorted(model));
}

TEST(Tree, seeks_to_the_neighbors_of_every_key) {
  std::mt19937 random(8);
  tree_model tree;
  std::set<std::string> model;
  tree.begin();
  for (int i = 0; i < 3000; ++i) {
    const std::string key = "session:" + std::to_string(random() % 10000);
    tree.insert(key);
    model.insert(key);
  }
  tree.commit();
  const auto entry = [](const cursor& at) {
    return at.at_end() ? std::string("end") : std::string(static_cast<item*>(at.entry())->key());
  };
  for (int i = 0; i < 3000; ++i) {
    const std::string key = "session:" + std::to_string(random() % 11000);
    const auto from = model.lower_bound(key);
    const auto after = model.upper_bound(key);
    cursor at;
    at.seek_from<key_order>(tree.root(), key, false);
    ASSERT_EQ(entry(at), from == model.end() ? "end" : *from);
    at.seek_from<key_order>(tree.root(), key, true);
    ASSERT_EQ(entry(at), after == model.end() ? "end" : *after);
    at.seek_back_from<key_order>(tree.root(), key, false);
    ASSERT_EQ(entry(at), after == model.begin() ? "end" : *std::prev(after));
    at.seek_back_from<key_order>(tree.root(), key, true);
    ASSERT_EQ(entry(at), from == model.begin() ? "end" : *std::prev(from));
    ASSERT_EQ(find<key_order>(tree.root(), key) != nullptr, model.contains(key));
  }
}

TEST(Tree, can_be_walked_in_both_directions_from_anywhere) {
  std::mt19937 random(9);
  tree_model tree;
  std::set<std::string> model;
  tree.begin();
  for (int i = 0; i < 6000; ++i) {
    const std::string key = "session:" + std::to_string(random() % 20000);
    tree.insert(key);
    model.insert(key);
  }
  tree.commit();
  const std::vector<std::string> keys = sorted(model);
  const auto key_of = [](const void* entry) { return static_cast<const item*>(entry)->key(); };
  const auto last = static_cast<std::ptrdiff_t>(keys.size()) - 1;
  for (int i = 0; i < 300; ++i) {
    auto place = static_cast<std::ptrdiff_t>(random() % keys.size());
    const std::string& key = keys[static_cast<std::size_t>(place)];
    cursor at;
    random() % 2 == 0 ? at.seek_from<key_order>(tree.root(), key, false)
                      : at.seek_back_from<key_order>(tree.root(), key, false);
    for (int run = 0; run < 6 && !at.at_end(); ++run) {
      const bool up = random() % 2 == 0;
      for (auto steps = random() % 200; steps != 0 && !at.at_end(); --steps) {
        up ? at.next() : at.previous();
        place += up ? 1 : -1;
        ASSERT_EQ(at.at_end(), place < 0 || place > last);
        if (at.at_end()) break;
        ASSERT_EQ(key_of(at.entry()), keys[static_cast<std::size_t>(place)]);
        for (const int places : {-7, 7}) {
          const void* nearby = at.entry_nearby(places);
          if (nearby == nullptr) continue;
          ASSERT_EQ(key_of(nearby), keys[static_cast<std::size_t>(place + places)]);
        }
      }
    }
  }
}

TEST(Tree, fills_its_nodes_when_keys_ascend) {
  tree_model tree;
  tree.begin();
  char key[16];
  for (int i = 0; i < 64 * 64; ++i) {
    std::snprintf(key, sizeof key, "%08d", i);
    tree.insert(key);
  }
  tree.commit();
  const node& root = *tree.root();
  EXPECT_EQ(root.level, 1U);  // 64 full leaves
  check(root, true);
}

TEST(Tree, empties_and_fills_again) {
  tree_model tree;
  for (int round = 0; round < 3; ++round) {
    tree.begin();
    for (int i = 0; i < 1000; ++i)
      tree.insert(std::to_string(i));
    tree.commit();
    tree.begin();
    for (int i = 999; i >= 0; --i)
      ASSERT_NE(tree.erase(std::to_string(i)), nullptr);
    EXPECT_EQ(tree.root(), nullptr);
    tree.commit();
    EXPECT_TRUE(tree.keys().empty());
  }
}

/// A version made by bulk_keys, which may keep little waiting so that it merges often, beside the
/// map it should equal.
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

TEST(BulkKeys, equal_a_map_whatever_the_order_of_sets_and_erasures) {
  std::mt19937 random(11);
  for (const std::uint64_t waiting_bytes :
       {std::uint64_t{0}, std::uint64_t{900}, std::uint64_t{20'000},
        bulk_loader::usual_waiting_bytes}) {
    for (int round = 0; round < 12; ++round) {
      bulk_model model(waiting_bytes);
      // Keys that share their prefix or are each other's, some of them equal.
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

TEST(BulkKeys, take_runs_that_ascend_between_others) {
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

TEST(BulkKeys, fill_their_nodes_in_random_order) {
  bulk_model model(bulk_loader::usual_waiting_bytes);
  for (unsigned i = 0; i < 64 * 64; ++i)
    model.set(std::to_string((i * 2'654'435'761U) % 4096 + 10'000), "");
  model.finish_and_check();
  EXPECT_EQ(model.made().keys->level, 1U);  // 64 full leaves
}

TEST(BulkKeys, of_one_key_set_again_and_again_take_little_memory) {
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

TEST(BulkKeys, can_be_given_up_at_any_time) {
  for (int last = 0; last < 400; last += 7) {
    bulk_model model(1000);
    for (int i = 0; i < last; ++i)
      i % 5 == 4 ? model.erase(std::to_string(i / 2)) : model.set(std::to_string(i * 37 % 100), "");
  }
}

}  // namespace
}  // namespace buntdb::engine
