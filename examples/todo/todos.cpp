#include "todos.hpp"

#include <buntdb/values.hpp>
#include <scs/nlohmann.hpp>

namespace {

/// Whether the item belongs to the user. A form names the item, and a visitor can change a form.
bool is_of(const std::string& user, const std::string& key) {
  return key.starts_with("todo:" + user + ":");
}

}  // namespace

todo_list::todo_list(buntdb::database& db) : db_(db) {
  db_.create_index("due", {.pattern = "todo:*",
                           .order = {buntdb::by_key_part(":", 1), buntdb::by_json("done"),
                                     buntdb::by_json("due")},
                           .persistent = true,
                           .if_exists = buntdb::existing_index::keep});
}

std::vector<std::pair<std::string, todo>> todo_list::of(const std::string& user) const {
  std::vector<std::pair<std::string, todo>> items;
  const buntdb::snapshot view = db_.begin_read();
  for (const auto [key, value] : view.ascend("due", buntdb::first_parts(user)))
    items.emplace_back(key, *view.get<todo>(key));
  return items;
}

void todo_list::add(const std::string& user, todo added) {
  db_.update([&](buntdb::transaction& tx) {
    const auto number = tx.increment("number");
    tx.put("todo:" + user + ":" + std::to_string(number), added);
  });
}

bool todo_list::toggle(const std::string& user, const std::string& key) {
  if (!is_of(user, key)) return false;
  return db_.update([&](buntdb::transaction& tx) {
    std::optional<todo> found = tx.get<todo>(key);
    if (!found) return false;
    found->done = !found->done;
    tx.put(key, *found);
    return true;
  });
}

bool todo_list::remove(const std::string& user, const std::string& key) {
  return is_of(user, key) && db_.erase(key);
}
