#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "api/index_fixture.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::strings;

class spatial_index : public testing::index_fixture {};

TEST_F(spatial_index, finds_what_is_inside_an_area_and_what_is_near_a_place) {
  db_->create_spatial_index("fleet", {.pattern = "fleet:*:pos"});
  db_->update([](transaction& tx) {
    tx.set("fleet:0:pos", "[-115.567 33.532]");
    tx.set("fleet:1:pos", "[-116.671 35.735]");
    tx.set("fleet:2:pos", "[-113.902 31.234]", {.ttl = 1s});
    tx.set("fleet:3:pos", "nowhere");
    tx.set("other:2:pos", "[-113.902 31.234]");
  });
  const auto inside = [&](std::string_view area) {
    strings found;
    const snapshot view = db_->begin_read();
    for (const auto [key, value] : view.intersects("fleet", area))
      found.emplace_back(key);
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(inside("[-117 30],[-112 36]"), (strings{"fleet:0:pos", "fleet:1:pos", "fleet:2:pos"}));
  clock_.advance(1s);
  EXPECT_EQ(inside("[-inf 33],[+inf 34]"), (strings{"fleet:0:pos"}));
  EXPECT_EQ(inside("[-117 30],[-112 36]"), (strings{"fleet:0:pos", "fleet:1:pos"}));
  EXPECT_EQ(inside("[-117 30 0],[-112 33.6 1]"), (strings{"fleet:0:pos"}));
  EXPECT_EQ(code_of([&] { inside("here"); }), errc::invalid_argument);
  strings near;
  double last = -1;
  const snapshot view = db_->begin_read();
  for (const auto [key, value, distance] : view.nearby("fleet", "[-116 35]")) {
    near.emplace_back(key);
    EXPECT_GT(distance, last);
    last = distance;
  }
  EXPECT_EQ(near, (strings{"fleet:1:pos", "fleet:0:pos"}));
}

TEST_F(spatial_index, gives_what_was_there_when_a_spatial_range_began) {
  db_->create_spatial_index("all", {});
  db_->update([](transaction& tx) {
    for (int i = 0; i < 300; ++i)
      tx.set("k" + std::to_string(i), "[" + std::to_string(i) + " 1]");
    std::set<std::string> met;
    for (const auto [key, value] : tx.intersects("all", "[-inf -inf],[+inf +inf]")) {
      const std::string here(key);
      EXPECT_TRUE(met.insert(here).second) << here;
      tx.set(here, "[5 5]");
      tx.erase("k" + std::to_string(300 - met.size()));
      tx.set("new" + here, "[1 1]");
    }
    EXPECT_EQ(met.size(), 300U);
    int count = 0;
    for ([[maybe_unused]] const auto item : tx.nearby("all", "[5 5]")) {
      if (++count == 1) tx.clear();
    }
    EXPECT_GT(count, 300);
    tx.set("a", "[1 1]");
  });
  transaction tx = db_->begin();
  for (const auto [key, value] : tx.intersects("all", "[1 1]")) {
    tx.erase(key);
    tx.drop_index("all");
    EXPECT_EQ(value, "[1 1]");
  }
  tx.rollback();
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"all"}));
}

}  // namespace
}  // namespace buntdb
