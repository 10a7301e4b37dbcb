#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include <buntdb/control_command.hpp>
#include <buntdb/database.hpp>

namespace buntdb::control {

class command_table;

/// What the built-in commands use. All of it must outlive them.
struct command_context {
  database& db;
  std::filesystem::path file;
  std::chrono::milliseconds write_timeout;
  const command_table& commands;
};

std::vector<control_command> built_in_commands(const command_context& context);

// The groups of commands, each in its own file.
void add_item_commands(std::vector<control_command>& to, const command_context& context);
void add_scan_commands(std::vector<control_command>& to, const command_context& context);
void add_monitor_command(std::vector<control_command>& to, const command_context& context);
void add_upkeep_commands(std::vector<control_command>& to, const command_context& context);
void add_settings_command(std::vector<control_command>& to, const command_context& context);

}  // namespace buntdb::control
