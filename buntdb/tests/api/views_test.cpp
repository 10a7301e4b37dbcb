// All ranges are input ranges and views, and work with the standard's adaptors. (Clang before 16
// cannot compile libstdc++'s adaptors.)

#include <ranges>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/database.hpp>

namespace buntdb {
namespace {

static_assert(std::ranges::input_range<range> && std::ranges::view<range>);
static_assert(std::ranges::input_range<intersects_range> && std::ranges::view<intersects_range>);
static_assert(std::ranges::input_range<nearby_range> && std::ranges::view<nearby_range>);

#if !defined(__clang__) || __clang_major__ >= 16

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class views : public ::testing::Test {
 protected:
  views() {
    db_.create_spatial_index("map", {});
    for (int i = 0; i < 9; ++i)
      db_.set("p" + std::to_string(i), "[" + std::to_string(i) + " 0]");
  }

  database db_ = database::in_memory();
};

TEST_F(views, take_the_nearest_and_stop) {
  const snapshot view = db_.begin_read();
  std::vector<std::string> keys;
  for (const neighbor& found : view.nearby("map", "[7.2 0]") | std::views::take(3))
    keys.emplace_back(found.key);
  EXPECT_THAT(keys, ElementsAre("p7", "p8", "p6"));
}

TEST_F(views, filter_and_transform_what_an_area_holds) {
  const snapshot view = db_.begin_read();
  std::vector<std::string> keys;
  for (const std::string& key :
       view.intersects("map", "[2 0],[6 0]") | std::views::filter([](const entry& found) {
         return found.key != "p4";
       }) | std::views::transform([](const entry& found) { return std::string(found.key); }))
    keys.push_back(key);
  EXPECT_THAT(keys, UnorderedElementsAre("p2", "p3", "p5", "p6"));
}

TEST_F(views, of_keys_do_the_same) {
  const snapshot view = db_.begin_read();
  std::vector<std::string> keys;
  for (const entry& found : view.descend() | std::views::drop(1) | std::views::take(2))
    keys.emplace_back(found.key);
  EXPECT_THAT(keys, ElementsAre("p7", "p6"));
}

#endif

}  // namespace
}  // namespace buntdb
