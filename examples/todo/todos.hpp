#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <buntdb/buntdb.hpp>

struct todo {
  std::string text;
  std::string due;  // 2030-01-31, or empty
  bool done = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(todo, text, due, done)

/// All users' items, under `todo:USER:NUMBER`. Any thread may call any function.
class todo_list {
 public:
  /// The database must outlive the list.
  explicit todo_list(buntdb::database& db);

  /// Returns the items of one user: open ones before done ones, each group with those without a
  /// date first, then by date.
  std::vector<std::pair<std::string, todo>> of(const std::string& user) const;
  void add(const std::string& user, todo added);
  /// Returns false if this user has no such item.
  bool toggle(const std::string& user, const std::string& key);
  bool remove(const std::string& user, const std::string& key);

 private:
  buntdb::database& db_;
};
