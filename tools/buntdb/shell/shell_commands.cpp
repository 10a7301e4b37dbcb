#include "shell/shell_commands.hpp"

#include <algorithm>
#include <array>

namespace {

using namespace shell;

constexpr std::array commands{
    shell_command{"get", completes::keys, add_get},
    shell_command{"set", completes::keys, add_set},
    shell_command{"increment", completes::keys, add_increment},
    shell_command{"get-or-set", completes::keys, add_get_or_set},
    shell_command{"set-if-absent", completes::keys, add_set_if_absent},
    shell_command{"compare-and-set", completes::keys, add_compare_and_set},
    shell_command{"del", completes::keys, add_del},
    shell_command{"ttl", completes::keys, add_ttl},
    shell_command{"keys", completes::keys, add_keys},
    shell_command{"count", completes::nothing, add_count},
    shell_command{"clear", completes::nothing, add_clear},
    shell_command{"ascend", completes::nothing, add_ascend},
    shell_command{"descend", completes::nothing, add_descend},
    shell_command{"nearby", completes::nothing, add_nearby},
    shell_command{"intersects", completes::nothing, add_intersects},
    shell_command{"index", completes::index_actions, add_index},
    shell_command{"begin", completes::nothing, add_begin},
    shell_command{"commit", completes::nothing, add_commit},
    shell_command{"rollback", completes::nothing, add_rollback},
    shell_command{"save", completes::nothing, add_save},
    shell_command{"load", completes::nothing, add_load},
    shell_command{"help", completes::commands, add_help},
    shell_command{"exit", completes::nothing, add_exit},
};

}  // namespace

std::span<const shell_command> shell_commands() noexcept {
  return commands;
}

const shell_command* find_shell_command(std::string_view name) noexcept {
  const auto found =
      std::find_if(commands.begin(), commands.end(),
                   [&](const shell_command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}
