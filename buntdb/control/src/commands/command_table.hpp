#pragma once

#include <map>
#include <string>
#include <vector>

#include <buntdb/control_command.hpp>

namespace buntdb::control {

/// The commands of a socket by name. Immutable while clients are served.
class command_table {
 public:
  /// A command replaces an earlier one of the same name.
  void add(std::vector<control_command> commands);
  /// Finds a command by its name in any letter case. Returns null if there is none.
  const control_command* find(const std::string& name) const;
  const std::map<std::string, control_command>& all() const noexcept { return commands_; }

 private:
  std::map<std::string, control_command> commands_;
};

}  // namespace buntdb::control
