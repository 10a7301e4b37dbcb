#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "spatial/rtree.hpp"
#include "support/rtrees.hpp"

namespace buntdb::spatial {

inline constexpr double inf = std::numeric_limits<double>::infinity();

/// What a tree should contain: the entries are the addresses of these.
struct thing {
  rect where;
};
using things = std::set<thing*>;

/// Checks the invariants of rtree_node.hpp below a node. Returns the number of entries.
inline std::size_t check(const rtree_node& at, bool root) {
  EXPECT_GT(at.count, root && at.level != 0 ? 1U : 0U);
  EXPECT_LE(at.count, at.capacity);
  EXPECT_LE(at.capacity, rtree_node::max_count);
  if (at.level == 0) {
    for (unsigned i = 0; i < at.count; ++i) {
      const rect& where = static_cast<const thing*>(at.entries()[i])->where;
      EXPECT_EQ(where.dimensions(), at.dimensions);
      for (unsigned d = 0; d < at.dimensions; ++d) {
        EXPECT_EQ(at.mins(d)[i], where.min(d));
        EXPECT_EQ(at.maxs(d)[i], where.max(d));
      }
    }
    return at.count;
  }
  std::size_t entries = 0;
  for (unsigned i = 0; i < at.count; ++i) {
    const rtree_node& child = *at.children()[i];
    EXPECT_EQ(child.level + 1, at.level);
    EXPECT_EQ(child.dimensions, at.dimensions);
    box stated;
    box actual;
    at.read(i, stated);
    child.cover(actual);
    EXPECT_TRUE(stated.equals(actual, at.dimensions));
    entries += check(child, false);
  }
  return entries;
}

inline things found_in(const rtree_node* root, const rect& area) {
  things found;
  intersects_cursor cursor(root, area);
  while (void* entry = cursor.next())
    EXPECT_TRUE(found.insert(static_cast<thing*>(entry)).second) << "twice";
  return found;
}

inline things expected_in(const things& model, const rect& area) {
  things expected;
  std::ranges::copy_if(model, std::inserter(expected, expected.end()),
                       [&](const thing* one) { return intersects(one->where, area); });
  return expected;
}

inline double distance(const rect& a, const rect& b) {
  double sum = 0;
  for (std::size_t d = 0; d < std::min(a.dimensions(), b.dimensions()); ++d) {
    double apart = 0;
    if (a.min(d) > b.max(d)) apart = a.min(d) - b.max(d);
    if (b.min(d) > a.max(d)) apart = b.min(d) - a.max(d);
    sum += apart * apart;
  }
  return sum;
}

inline void expect_nearby(const rtree_node* root, const things& model, const rect& center) {
  nearby_cursor cursor(root, center);
  things left = model;
  double last = 0;
  while (const auto found = cursor.next()) {
    auto* const one = static_cast<thing*>(found->entry);
    ASSERT_EQ(left.erase(one), 1U);
    ASSERT_EQ(found->distance, distance(one->where, center));
    ASSERT_GE(found->distance, last);
    last = found->distance;
  }
  ASSERT_TRUE(left.empty());
}

/// A tree that a test changes, next to its expected content.
class rtree_model {
 public:
  explicit rtree_model(std::size_t dimensions, unsigned seed)
      : dimensions_(dimensions), random_(seed) {}
  rtree_model(const rtree_model&) = delete;
  rtree_model& operator=(const rtree_model&) = delete;
  ~rtree_model() {
    destroy_tree(memory_, root_);
    free_retired();
    EXPECT_EQ(memory_.blocks(), 0U);
    EXPECT_EQ(memory_.bytes(), 0U);
  }

  void begin() {
    editor_.emplace(memory_, ++version_);
    root_before_ = root_;
    before_ = model_;
  }
  /// Ends the transaction. What it retired is kept until free_retired().
  void commit() {
    retired_.splice_back(editor_->retired());
    frozen_.reset();
  }
  void roll_back() {
    testing::discard(memory_, *editor_, root_, version_);
    root_ = root_before_;
    model_ = before_;
    frozen_.reset();
  }
  void freeze() {
    editor_->freeze();
    frozen_.emplace(root_, model_);
  }
  void free_retired() {
    while (!retired_.empty())
      rtree_node::destroy(memory_, static_cast<rtree_node*>(retired_.pop_front()));
  }

  void insert(const rect& where) {
    thing* made = &things_.emplace_back(thing{where});
    editor_->insert(root_, where, made);
    model_.insert(made);
  }
  void erase(thing* one) {
    EXPECT_TRUE(editor_->erase(root_, one->where, one));
    EXPECT_FALSE(editor_->erase(root_, one->where, one));
    model_.erase(one);
  }
  void replace(thing* one, const rect& where) {
    thing* made = &things_.emplace_back(thing{where});
    EXPECT_TRUE(editor_->replace(root_, {one->where, one}, {where, made}));
    EXPECT_FALSE(editor_->replace(root_, {one->where, one}, {where, made}));
    model_.erase(one);
    model_.insert(made);
  }
  thing* any() {
    auto one = model_.begin();
    std::advance(one, random_() % model_.size());
    return *one;
  }
  void load(const std::vector<rect>& all) {
    rtree_loader loader(dimensions_);
    for (const rect& where : all) {
      thing* made = &things_.emplace_back(thing{where});
      loader.add(where, made);
      model_.insert(made);
    }
    root_ = loader.build(memory_, ++version_);
  }

  rect random_rect() {
    // A coarse grid makes duplicates and shared borders.
    const auto coordinate = [&] {
      const auto r = random_() % 1000;
      if (r < 10) return r % 2 == 0 ? inf : -inf;
      return r < 500 ? static_cast<double>(r % 7) : static_cast<double>(random_() % 100'000) / 997;
    };
    std::vector<double> min(dimensions_);
    std::vector<double> max(dimensions_);
    const bool is_point = random_() % 2 == 0;
    for (std::size_t d = 0; d < dimensions_; ++d) {
      min[d] = coordinate();
      max[d] = is_point ? min[d] : min[d] + static_cast<double>(random_() % 5);
      if (random_() % 100 == 0 && !is_point) max[d] = inf;
    }
    return {min, max};
  }

  /// Returns the same rectangle, at another place, or not far away.
  rect moved(const rect& from) {
    const auto how = random_() % 3;
    if (how == 0) return from;
    if (how == 1) return random_rect();
    std::vector<double> min(from.min().begin(), from.min().end());
    std::vector<double> max(from.max().begin(), from.max().end());
    for (std::size_t d = 0; d < dimensions_; ++d) {
      min[d] += static_cast<double>(random_() % 3);
      max[d] += static_cast<double>(random_() % 3);
    }
    return {min, max};
  }

  void check_all() {
    if (root_ != nullptr) {
      ASSERT_EQ(check(*root_, true), model_.size());
    } else {
      ASSERT_TRUE(model_.empty());
    }
    const rect area = random_rect();
    ASSERT_EQ(found_in(root_, area), expected_in(model_, area));
    expect_nearby(root_, model_, random_rect());
    if (!frozen_) return;
    ASSERT_EQ(found_in(frozen_->first, area), expected_in(frozen_->second, area));
    expect_nearby(frozen_->first, frozen_->second, area);
  }

  std::mt19937& random() { return random_; }
  const rtree_node* root() const { return root_; }
  const things& model() const { return model_; }
  engine::pool& memory() { return memory_; }

 private:
  std::size_t dimensions_;
  std::mt19937 random_;
  engine::pool memory_;
  std::deque<thing> things_;
  rtree_node* root_ = nullptr;
  rtree_node* root_before_ = nullptr;
  things model_;
  things before_;
  std::optional<std::pair<const rtree_node*, things>> frozen_;
  std::uint64_t version_ = 0;
  std::optional<rtree_editor> editor_;
  engine::retired_chain retired_;
};

}  // namespace buntdb::spatial
