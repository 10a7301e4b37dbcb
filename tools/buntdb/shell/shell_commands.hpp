#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "command_line/commands.hpp"
#include "shell/workspace.hpp"

/// What a command of the shell works on.
struct shell_context {
  workspace& space;
  /// Asks a question to be answered with yes or no. Empty if nobody can answer.
  std::function<bool(const std::string& question)> ask;
  bool ends = false;  ///< set by exit
};

/// How the arguments of a command are completed.
enum class completes { nothing, keys, commands, index_actions };

struct shell_command {
  std::string_view name;
  completes words;
  /// Adds the command to the App. Parsing sets `chosen` to what is to be done. The context must
  /// outlive it.
  void (*add)(CLI::App& shell, shell_context& context, action& chosen);
};

/// Returns all commands in the order in which help lists them.
std::span<const shell_command> shell_commands() noexcept;
/// Returns null if there is no such command.
const shell_command* find_shell_command(std::string_view name) noexcept;

namespace shell {

void add_get(CLI::App& shell, shell_context& context, action& chosen);
void add_set(CLI::App& shell, shell_context& context, action& chosen);
void add_increment(CLI::App& shell, shell_context& context, action& chosen);
void add_get_or_set(CLI::App& shell, shell_context& context, action& chosen);
void add_set_if_absent(CLI::App& shell, shell_context& context, action& chosen);
void add_compare_and_set(CLI::App& shell, shell_context& context, action& chosen);
void add_del(CLI::App& shell, shell_context& context, action& chosen);
void add_ttl(CLI::App& shell, shell_context& context, action& chosen);
void add_keys(CLI::App& shell, shell_context& context, action& chosen);
void add_count(CLI::App& shell, shell_context& context, action& chosen);
void add_clear(CLI::App& shell, shell_context& context, action& chosen);
void add_ascend(CLI::App& shell, shell_context& context, action& chosen);
void add_descend(CLI::App& shell, shell_context& context, action& chosen);
void add_nearby(CLI::App& shell, shell_context& context, action& chosen);
void add_intersects(CLI::App& shell, shell_context& context, action& chosen);
void add_index(CLI::App& shell, shell_context& context, action& chosen);
void add_begin(CLI::App& shell, shell_context& context, action& chosen);
void add_commit(CLI::App& shell, shell_context& context, action& chosen);
void add_rollback(CLI::App& shell, shell_context& context, action& chosen);
void add_save(CLI::App& shell, shell_context& context, action& chosen);
void add_load(CLI::App& shell, shell_context& context, action& chosen);
void add_help(CLI::App& shell, shell_context& context, action& chosen);
void add_exit(CLI::App& shell, shell_context& context, action& chosen);

}  // namespace shell
