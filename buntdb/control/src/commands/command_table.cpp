#include "commands/command_table.hpp"

#include <utility>

#include <buntstore/internal/ascii.hpp>

namespace buntdb::control {

void command_table::add(std::vector<control_command> commands) {
  for (control_command& each : commands) {
    std::string name = each.name;
    commands_.insert_or_assign(std::move(name), std::move(each));
  }
}

const control_command* command_table::find(const std::string& name) const {
  std::string lower = name;
  for (char& c : lower)
    c = buntstore::text::ascii_lower(c);
  const auto found = commands_.find(lower);
  return found == commands_.end() ? nullptr : &found->second;
}

}  // namespace buntdb::control
