#include "spatial/rtree.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jsonl.hpp"
#include "spatial/interval_bits.hpp"
#include "spatial/rtree_model.hpp"
#include "support/rtrees.hpp"

namespace buntdb::spatial {
namespace {

class rtree_of : public ::testing::TestWithParam<int> {
 protected:
  std::size_t dimensions() const { return static_cast<std::size_t>(GetParam()); }
};

TEST_P(rtree_of, equals_a_set_through_random_changes_rollbacks_and_freezes) {
  rtree_model tree(dimensions(), 3);
  for (int round = 0; round < 240; ++round) {
    // A reader of the previous version keeps its content.
    const rtree_node* old_root = tree.root();
    const things old_model = tree.model();
    tree.begin();
    // Phases that grow, churn and shrink; sometimes to nothing.
    const unsigned inserts = round % 80 < 40 ? 6 : 2;
    for (int i = 0; i < 60; ++i) {
      if (tree.model().empty() || tree.random()() % 8 < inserts) {
        tree.insert(tree.random_rect());
      } else if (tree.random()() % 3 == 0) {
        thing* one = tree.any();
        tree.replace(one, tree.moved(one->where));
      } else {
        tree.erase(tree.any());
      }
      if (tree.random()() % 40 == 0) tree.freeze();
    }
    ASSERT_NO_FATAL_FAILURE(tree.check_all());
    if (round % 4 != 0) {
      tree.commit();
      const rect area = tree.random_rect();
      ASSERT_EQ(found_in(old_root, area), expected_in(old_model, area));
      if (old_root != nullptr) {
        ASSERT_EQ(check(*old_root, true), old_model.size());
      }
      tree.free_retired();
    } else {
      tree.roll_back();
    }
    ASSERT_NO_FATAL_FAILURE(tree.check_all());
  }
  tree.begin();
  while (!tree.model().empty())
    tree.erase(tree.any());
  EXPECT_EQ(tree.root(), nullptr);
  tree.commit();
}

TEST_P(rtree_of, is_loaded_in_bulk_and_changed_afterwards) {
  for (const unsigned size : {0U, 1U, 2U, 27U, 28U, 29U, 30U, 784U, 785U, 3000U}) {
    SCOPED_TRACE(size);
    rtree_model tree(dimensions(), size);
    std::vector<rect> all;
    for (unsigned i = 0; i < size; ++i)
      all.push_back(tree.random_rect());
    tree.load(all);
    ASSERT_NO_FATAL_FAILURE(tree.check_all());
    tree.begin();
    for (int i = 0; i < 100 && !tree.model().empty(); ++i)
      tree.erase(tree.any());
    for (int i = 0; i < 100; ++i)
      tree.insert(tree.random_rect());
    for (int i = 0; i < 100; ++i) {
      thing* one = tree.any();
      tree.replace(one, tree.moved(one->where));
    }
    ASSERT_NO_FATAL_FAILURE(tree.check_all());
    tree.commit();
  }
}

INSTANTIATE_TEST_SUITE_P(dimensions, rtree_of, ::testing::Values(1, 2, 3, 20));

/// Returns the number of nodes that are read to find an entry.
unsigned nodes_on_the_way(const rtree_node& at, const box& wanted) {
  unsigned nodes = 1;
  if (at.level == 0) return nodes;
  for (unsigned i = 0; i < at.count; ++i) {
    box it;
    at.read(i, it);
    box both = it;
    both.extend(wanted, at.dimensions);
    if (both.equals(it, at.dimensions)) nodes += nodes_on_the_way(*at.children()[i], wanted);
  }
  return nodes;
}

TEST(rtree, finds_one_of_many_equal_rectangles_in_a_few_nodes) {
  for (const bool bulk : {false, true}) {
    rtree_model tree(2, 1);
    const std::vector<rect> all(5000, point({1, 2}));
    if (bulk) tree.load(all);
    tree.begin();
    if (!bulk) std::ranges::for_each(all, [&](const rect& where) { tree.insert(where); });
    ASSERT_EQ(check(*tree.root(), true), all.size());
    const unsigned levels = tree.root()->level + 1U;
    EXPECT_LE(levels, 4U);
    unsigned most = 0;
    for (thing* one : tree.model())
      most = std::max(most, nodes_on_the_way(*tree.root(), box(one->where, one)));
    EXPECT_LE(most, levels);
    while (tree.model().size() > 10)
      tree.erase(tree.any());
    ASSERT_NO_FATAL_FAILURE(tree.check_all());
    tree.commit();
  }
}

TEST(rtree, keeps_its_nodes_filled_and_their_number_in_proportion) {
  rtree_model tree(2, 5);
  std::uniform_real_distribution<double> anywhere(0, 1000);
  tree.begin();
  for (int i = 0; i < 20'000; ++i)
    tree.insert(point({anywhere(tree.random()), anywhere(tree.random())}));
  EXPECT_LE(tree.memory().bytes(), 20'000U * 50);
  const rect area({400, 400}, {440, 440});
  EXPECT_EQ(found_in(tree.root(), area), expected_in(tree.model(), area));
  for (int i = 0; i < 19'000; ++i)
    tree.erase(tree.any());
  EXPECT_LE(tree.memory().bytes(), 1'000U * 150);
  tree.commit();
}

/// Returns all nodes of a tree.
std::vector<const rtree_node*> nodes_of(const rtree_node& root) {
  std::vector<const rtree_node*> nodes{&root};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i]->level != 0) {
      nodes.insert(nodes.end(), nodes[i]->children(), nodes[i]->children() + nodes[i]->count);
    }
  }
  return nodes;
}

TEST(rtree, splits_leave_each_half_three_eighths_of_a_node) {
  for (const bool points : {true, false}) {
    rtree_model tree(2, 7);
    tree.begin();
    for (int i = 0; i < 20'000; ++i) {
      const rect where = tree.random_rect();
      tree.insert(points ? rect(where.min(), where.min()) : where);
    }
    for (const rtree_node* node : nodes_of(*tree.root())) {
      if (node == tree.root()) continue;
      EXPECT_GE(node->count, 3 * rtree_node::max_count / 8);
    }
    tree.commit();
  }
}

/// Returns the average number of leaves that are read for a search in a small part of a world of
/// points.
double leaves_searched(const rtree_node& root, double width, double height) {
  constexpr int searches = 200;
  std::vector<rect> boxes;
  for (const rtree_node* node : nodes_of(root)) {
    if (node->level != 0) continue;
    box cover;
    node->cover(cover);
    boxes.push_back(rect({cover.min.data(), 2}, {cover.max.data(), 2}));
  }
  std::mt19937 random(1);
  std::uniform_real_distribution<double> anywhere(0, 1);
  std::ptrdiff_t leaves = 0;
  for (int i = 0; i < searches; ++i) {
    const double x = anywhere(random) * width;
    const double y = anywhere(random) * height;
    const rect area({x, y}, {x + width / 20, y + height / 20});
    leaves += std::ranges::count_if(boxes, [&](const rect& one) { return intersects(one, area); });
  }
  return static_cast<double>(leaves) / searches;
}

TEST(rtree, grown_entry_by_entry_is_searched_nearly_as_well_as_built_at_once) {
  for (const double height : {1000.0, 0.001}) {
    rtree_model grown(2, 5);
    rtree_model built(2, 5);
    std::uniform_real_distribution<double> x(0, 1000);
    std::uniform_real_distribution<double> y(0, height);
    std::vector<rect> all;
    grown.begin();
    for (int i = 0; i < 20'000; ++i) {
      const double left = x(grown.random());
      all.push_back(point({left, y(grown.random())}));
      grown.insert(all.back());
    }
    built.load(all);
    EXPECT_LE(leaves_searched(*grown.root(), 1000, height),
              1.35 * leaves_searched(*built.root(), 1000, height));
    grown.commit();
  }
}

TEST(rtree, compares_intervals_as_numbers) {
  std::mt19937 random(1);
  const std::vector<double> bounds = {-inf, -1, -0.0, 0, 5e-324, 1, inf};
  const auto any = [&] { return bounds[random() % bounds.size()]; };
  for (unsigned round = 0; round < 3200; ++round) {
    const unsigned count = 1 + round % 32;
    // They are followed by values that must not count.
    std::vector<double> lows(32, -inf);
    std::vector<double> highs(32, inf);
    const double by = any();
    const double from = any();
    std::uint32_t expected = 0;
    for (unsigned i = 0; i < count; ++i) {
      lows[i] = any();
      highs[i] = any();
      if (lows[i] <= by && highs[i] >= from) expected |= std::uint32_t{1} << i;
    }
    ASSERT_EQ(intervals_reaching(lows.data(), highs.data(), count, by, from), expected) << count;
    ASSERT_EQ(intervals_reaching_singly(lows.data(), highs.data(), count, by, from), expected);
  }
}

TEST(rtree, copies_only_what_is_on_the_way) {
  rtree_model tree(2, 5);
  std::vector<rect> all;
  for (int i = 0; i < 20'000; ++i)
    all.push_back(point({static_cast<double>(i % 141), static_cast<double>(i / 141)}));
  tree.load(all);
  const std::uint64_t before = tree.memory().blocks();
  tree.begin();
  tree.insert(point({70.5, 70.5}));
  EXPECT_LE(tree.memory().blocks() - before, 2U * (tree.root()->level + 1U));
  tree.commit();
}

TEST(rtree, does_not_find_what_it_does_not_hold) {
  engine::pool memory;
  rtree_editor editor(memory, 1);
  rtree_node* root = nullptr;
  thing one{point({1, 2})};
  thing other{point({1, 2})};
  EXPECT_FALSE(editor.erase(root, one.where, &one));
  editor.insert(root, one.where, &one);
  EXPECT_FALSE(editor.erase(root, one.where, &other));
  EXPECT_FALSE(editor.erase(root, point({1}), &one));
  EXPECT_EQ(intersects_cursor(nullptr, one.where).next(), nullptr);
  EXPECT_FALSE(nearby_cursor(nullptr, one.where).next());
  EXPECT_EQ(intersects_cursor(root, point({1, 2.5})).next(), nullptr);
  EXPECT_TRUE(editor.erase(root, one.where, &one));
  EXPECT_EQ(root, nullptr);
  EXPECT_EQ(memory.blocks(), 0U);
}

TEST(rtree, searches_trees_of_several_dimensions_by_what_they_have_in_common) {
  engine::pool memory;
  std::vector<thing> all = {{point({1})}, {point({2, 2})}, {rect({3, 3, 3}, {4, 4, 4})}};
  std::vector<const rtree_node*> roots(20);
  rtree_editor editor(memory, 1);
  for (thing& one : all) {
    rtree_node* root = nullptr;
    editor.insert(root, one.where, &one);
    roots[one.where.dimensions() - 1] = root;
  }
  const auto found = [&](const rect& area) {
    std::set<std::size_t> dimensions;
    intersects_cursor cursor(roots, area);
    while (void* entry = cursor.next())
      dimensions.insert(static_cast<thing*>(entry)->where.dimensions());
    return dimensions;
  };
  EXPECT_EQ(found(rect({1}, {3})), (std::set<std::size_t>{1, 2, 3}));
  EXPECT_EQ(found(rect({1, 2}, {3, 2})), (std::set<std::size_t>{1, 2}));
  EXPECT_EQ(found(point({3.5, 3.5, 9})), (std::set<std::size_t>{}));
  EXPECT_EQ(found(point({3.5, 3.5, 3.5, 9})), (std::set<std::size_t>{3}));

  nearby_cursor cursor(roots, point({2, 1}));
  std::vector<std::pair<std::size_t, double>> order;
  while (const auto next = cursor.next())
    order.emplace_back(static_cast<thing*>(next->entry)->where.dimensions(), next->distance);
  EXPECT_EQ(order.size(), 3U);
  EXPECT_EQ(order.back(), (std::pair<std::size_t, double>{3, 5}));
  EXPECT_EQ(order.front().second, 1);
  for (const rtree_node* root : roots)
    destroy_tree(memory, const_cast<rtree_node*>(root));
}

TEST(rtree, gives_the_distances_of_the_original_in_its_order) {
  int compared = 0;
  for (int number = 0; number < 6; ++number) {
    for (const auto& row : buntstore::testing::read_jsonl(BUNTSTORE_TRACES_DIR "/trace-" +
                                                          std::to_string(number) + ".jsonl")) {
      if (row.at("op") != "nearby" || row.at("items").empty()) continue;
      std::vector<testing::rtree_entry> all;
      std::deque<thing> made;
      for (const auto& item : row.at("items")) {
        const auto where = parse_rect(item[1].get<std::string>());
        ASSERT_TRUE(where);
        all.push_back({*where, &made.emplace_back(thing{*where})});
      }
      engine::pool memory;
      rtree_node* root = testing::bulk_load(memory, 1, all);
      nearby_cursor cursor(root, *parse_rect(row.at("bounds").get<std::string>()));
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto next = cursor.next();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->entry, all[i].entry);
        const auto expected = row.at("dists")[i].get<double>();
        EXPECT_LE(std::abs(next->distance - expected), expected * 1e-9);
        ++compared;
      }
      EXPECT_FALSE(cursor.next());
      destroy_tree(memory, root);
    }
  }
  EXPECT_GT(compared, 200);
}

}  // namespace
}  // namespace buntdb::spatial
