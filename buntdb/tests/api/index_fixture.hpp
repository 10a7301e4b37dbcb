#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace buntdb::testing {

using strings = std::vector<std::string>;

inline strings keys(range items) {
  strings found;
  for (const auto [key, value] : items)
    found.emplace_back(key);
  return found;
}

/// A database in memory whose indexes are read in separate snapshots.
class index_fixture : public ::testing::Test {
 protected:
  void set_ages() {
    db_->update([](transaction& tx) {
      tx.set("age:ann", "30");
      tx.set("age:bob", "7");
      tx.set("age:cid", "100");
      tx.set("age:dan", "30");
      tx.set("name:ann", "Ann");
    });
  }
  strings ascend(std::string_view index, const bounds& limits = {}) {
    return keys(view_.emplace(db_->begin_read()).ascend(index, limits));
  }
  strings descend(std::string_view index, const bounds& limits = {}) {
    return keys(view_.emplace(db_->begin_read()).descend(index, limits));
  }

  fake_clock clock_;
  test_database db_{clock_};
  std::optional<snapshot> view_;
};

}  // namespace buntdb::testing
