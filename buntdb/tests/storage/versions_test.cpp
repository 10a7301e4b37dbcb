// Files that released versions wrote. Never change them together with the library.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>

#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::string_literals;

template <class Range>
std::string first_of(Range items) {
  for (const auto& item : items)
    return std::string{item.key};
  return {};
}

class version_0_1 : public ::testing::Test {
 protected:
  version_0_1() {
    std::filesystem::copy_file(BUNTSTORE_VERSIONS_DIR "/0.1/database.db", path_);
    // A checkout is readable by everyone, and open() would warn of that.
    using enum std::filesystem::perms;
    std::filesystem::permissions(path_, owner_read | owner_write);
  }

  void check(const database& db) {
    const snapshot view = db.begin_read();
    std::map<std::string, std::string> items;
    for (const auto [key, value] : view.ascend())
      items.emplace(key, value);
    EXPECT_EQ(items, (std::map<std::string, std::string>{
                         {"binary\0"s, "\0\1\2\xFF"s},
                         {"empty", ""},
                         {"place:berlin", "[13.4 52.5]"},
                         {"session:1", "short-lived"},
                         {"user:ann", R"({"name":"Ann","age":31})"},
                         {"user:eve", R"({"name":"Eve","age":19})"},
                     }));
    EXPECT_EQ(view.find("session:1")->expires_at, time_point{std::chrono::seconds{4'102'444'800}});
    EXPECT_EQ(view.find("user:ann")->expires_at, time_point::max());

    EXPECT_EQ(view.indexes(), (std::vector<std::string>{"ages", "names", "places"}));
    EXPECT_EQ(first_of(view.ascend("ages")), "user:eve");
    EXPECT_EQ(first_of(view.ascend("names")), "user:ann");
    const index_info names = *view.index("names");
    EXPECT_TRUE(names.unique && names.sparse && names.ignore_case && names.persistent);
    EXPECT_EQ(names.pattern, "USER:*");
    EXPECT_TRUE(view.index("places")->spatial);
    EXPECT_EQ(first_of(view.nearby("places", "[13 52]")), "place:berlin");
  }

  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
};

TEST_F(version_0_1, is_read_whole) {
  std::vector<std::string> events;
  const auto on_event = [&](const event& told) { events.push_back(told.message); };
  check(database::open(path_, {.read_only = true, .on_event = on_event}));
  check(database::open(path_, {.on_event = on_event}));
  EXPECT_EQ(events, std::vector<std::string>{});
}

TEST_F(version_0_1, goes_on_here) {
  database::open(path_).set("user:zoe", "new");
  {
    database db = database::open(path_);
    EXPECT_EQ(db.get("user:zoe"), "new");
    db.erase("user:zoe");
    db.compact();
    check(db);
  }
  check(database::open(path_));
}

}  // namespace
}  // namespace buntdb
