// Indexes that are built, replaced and read while other threads write.
#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>

namespace buntdb {
namespace {

TEST(index_building, stops_nobody_and_misses_nothing) {
  database db = database::in_memory();
  constexpr int count = 10'000;
  db.update([](transaction& tx) {
    for (int i = 0; i < count; ++i)
      tx.set(std::to_string(i), std::to_string(i * 7919 % count));
  });
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    std::mt19937 random(1);
    while (!stop) {
      const std::string key = std::to_string(random() % (count + 1000));
      random() % 4 == 0 ? void(db.erase(key)) : db.set(key, std::to_string(random() % count));
    }
  });
  for (int round = 0; round < 3; ++round) {
    db.create_index("by int", {.order = {by_int()}});
    db.create_index(
        "own", {.order = {ordering([](std::string_view a, std::string_view b) { return a < b; })}});
    db.create_spatial_index("map",
                            {.extract_rect = [](std::string_view value) -> std::optional<rect> {
                              return point({double(value.size()), 1});
                            }});
    const snapshot view = db.begin_read();
    std::size_t items = 0;
    for ([[maybe_unused]] const auto item : view.ascend())
      ++items;
    const auto ordered = [&](std::string_view index) {
      std::size_t found = 0;
      std::string last;
      for (const auto item : view.ascend(index)) {
        EXPECT_EQ(view.get(item.key), item.value);
        if (found++ != 0) {
          EXPECT_FALSE(view.index(index)->less(item, {{}, last}));
        }
        last = item.value;
      }
      return found;
    };
    EXPECT_EQ(ordered("by int"), items);
    EXPECT_EQ(ordered("own"), items);
    std::size_t placed = 0;
    for (const auto item : view.intersects("map", rect({0, 0}, {9, 9}))) {
      EXPECT_EQ(view.get(item.key), item.value);
      ++placed;
    }
    EXPECT_EQ(placed, items);
    for (const char* name : {"by int", "own", "map"})
      EXPECT_TRUE(db.drop_index(name));
  }
  stop = true;
  writer.join();
}

/// Three indexes in numeric order.
class changing_indexes {
 public:
  changing_indexes() {
    db_.create_index("by number", by_number_);
    db_.create_index("own", own_);
    db_.create_spatial_index("map", map_);
  }

  /// Reads all of them once, in one snapshot. Returns the number of items.
  int look() const {
    const snapshot view = db_.begin_read();
    int looked = 0;
    for (const std::string& name : view.indexes()) {
      const std::size_t found = name == "map" ? look_at_map(view) : look_at(view, name);
      EXPECT_EQ(found, view.size()) << name;
      ++looked;
    }
    return looked;
  }

  void change() {
    switch (random_() % 40) {
      case 0:
        db_.create_index("by number", by_number_);
        break;
      case 1:
        db_.update([&](transaction& tx) {
          tx.drop_index("own");
          tx.set(key(), value());
          tx.create_spatial_index("map", map_);
        });
        break;
      case 2:
        db_.create_index("own", own_);
        break;
      case 3:
        db_.create_spatial_index("map", map_);
        break;
      case 4:
        if (random_() % 5 == 0) db_.update([](transaction& tx) { tx.clear(); });
        break;
      case 5: {
        transaction tx = db_.begin();  // rolled back
        for ([[maybe_unused]] const auto item : tx.nearby("map", point({1, 1})))
          tx.set(key(), value());
        tx.drop_index("map");
        break;
      }
      default:
        db_.update([&](transaction& tx) {
          for (int n = 0; n < 5; ++n)
            random_() % 4 == 0 ? void(tx.erase(key())) : void(tx.set(key(), value()));
        });
    }
  }

 private:
  static int number_of(std::string_view value) { return std::stoi(std::string(value)); }

  static std::size_t look_at_map(const snapshot& view) {
    std::size_t found = 0;
    for (const auto item : view.intersects("map", rect({-1e9}, {1e9}))) {
      EXPECT_EQ(view.get(item.key), item.value);
      ++found;
    }
    double last = 0;
    for (const auto item : view.nearby("map", point({50, 1}))) {
      EXPECT_GE(item.distance, last);
      last = item.distance;
    }
    return found;
  }
  static std::size_t look_at(const snapshot& view, const std::string& name) {
    std::size_t found = 0;
    int last = -1;
    for (const auto item : view.ascend(name)) {
      EXPECT_EQ(view.get(item.key), item.value);
      EXPECT_GE(number_of(item.value), last);
      last = number_of(item.value);
      ++found;
    }
    return found;
  }

  std::string key() { return std::to_string(random_() % 300); }
  std::string value() { return std::to_string(random_() % 100); }

  const index_options by_number_{.order = {by_int()}, .if_exists = existing_index::replace};
  const index_options own_{.order = {ordering([](std::string_view a, std::string_view b) {
                             return number_of(a) < number_of(b);
                           })},
                           .if_exists = existing_index::replace};
  const spatial_index_options map_{
      .extract_rect = [](std::string_view value) -> std::optional<rect> {
        return point({double(number_of(value)), 1});
      },
      .if_exists = existing_index::replace};
  database db_ = database::in_memory();
  std::mt19937 random_{1};
};

TEST(index_reading, sees_whole_versions_while_indexes_change_and_come_and_go) {
  changing_indexes indexes;
  std::atomic<bool> stop{false};
  std::atomic<int> looked{0};
  const auto read = [&] {
    while (!stop)
      looked += indexes.look();
  };
  std::thread first(read);
  std::thread second(read);
  for (int i = 0; i < 1500 || looked < 100; ++i)
    indexes.change();
  stop = true;
  first.join();
  second.join();
}

}  // namespace
}  // namespace buntdb
