#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "text/spelling.hpp"

/// CLI11 interprets some values: if a command takes several keys, it splits "[a,b]" into two, drops
/// "[]", and treats "++" and the names of commands specially. Keys and values may be any bytes
/// here. So every argument after the command's name that is not an option is marked before CLI11
/// gets it, and plain() removes the mark.
///
/// Takes the arguments without the program's name. Returns them in the order that
/// App::parse(std::vector) expects: reversed.
std::vector<std::string> armoured(const std::vector<std::string>& arguments);
std::string plain(const std::string& argument);
/// Returns one of CLI11's messages without the marks.
std::string readable(const std::string& message);

/// How a command accesses a database: by the file, or by the control socket of the process that has
/// the file open.
enum class via { any, file, socket };

/// The options that most commands have.
struct common_options {
  std::string file_argument;
  std::string via_argument;
  bool json = false;
  bool base64 = false;

  void add_file(CLI::App& command);
  /// Adds `--via file|socket`, for commands that support both.
  void add_via(CLI::App& command);
  void add_json(CLI::App& command, const std::string& what_is_printed);
  void add_base64(CLI::App& command, const std::string& what_is_meant);

  /// Throws usage_error if it is empty.
  std::string file() const;
  /// Throws usage_error.
  via way() const;
  spelling bytes() const noexcept { return base64 ? spelling::base64 : spelling::as_they_are; }

  /// Returns the bytes of a key or a value as the user meant them. Throws usage_error, which names
  /// the argument.
  std::string decoded(const std::string& argument, std::string_view name) const;
};
