#pragma once

#include <map>
#include <string>
#include <vector>

#include <buntdb/control_command.hpp>

namespace buntdb::control {

/// The commands of a socket by their names. Immutable while clients are served.
class command_table {
 public:
  /// Of two with the same name the later one counts.
  void add(std::vector<control_command> commands);
  /// Null if there is none. The name in any letter case.
  const control_command* find(const std::string& name) const;
  const std::map<std::string, control_command>& all() const noexcept { return commands_; }

 private:
  std::map<std::string, control_command> commands_;
};

}  // namespace buntdb::control
