#include "tree/tree.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tree/check_node.hpp"
#include "version/item.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {
namespace {

/// A tree of items that a test changes, next to the set that it should equal.
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

TEST(key_order, prefixes_are_the_first_bytes_as_a_number_on_every_machine) {
  EXPECT_EQ(key_order::prefix_of(""), 0U);
  EXPECT_EQ(key_order::prefix_of("ab"), 0x6162'0000'0000'0000U);
  EXPECT_EQ(key_order::prefix_of("abcdefgh"), 0x6162'6364'6566'6768U);
  EXPECT_EQ(key_order::prefix_of("abcdefghi"), 0x6162'6364'6566'6768U);
  EXPECT_EQ(key_order::prefix_of("\xff"), 0xff00'0000'0000'0000U);
}

TEST(tree, keeps_its_invariants_and_equals_a_set_through_random_changes) {
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

TEST(tree, seeks_to_the_neighbors_of_every_key) {
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

TEST(tree, can_be_walked_in_both_directions_from_anywhere) {
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

TEST(tree, fills_its_nodes_when_keys_ascend) {
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

TEST(tree, empties_and_fills_again) {
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

}  // namespace
}  // namespace buntdb::engine
