#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "text/spelling.hpp"

/// CLI11 gives some values a meaning of their own: of several keys it splits "[a,b]" into two,
/// drops "[]", and takes "++" and the names of commands for itself. Keys and values are any bytes
/// here, so every argument behind the command's name that is not an option is armoured on its way
/// through CLI11, and becomes plain() again on the other side.
///
/// Takes the arguments without the program's name, gives them as App::parse(std::vector) wants
/// them: reversed.
std::vector<std::string> armoured(const std::vector<std::string>& arguments);
std::string plain(const std::string& argument);
/// One of CLI11's messages without the armour.
std::string readable(const std::string& message);

/// Which way a command works on a database: on the file, or through the control socket of the
/// process that has it open.
enum class via { any, file, socket };

/// What most commands take.
struct common_options {
  std::string file_argument;
  std::string via_argument;
  bool json = false;
  bool base64 = false;

  void add_file(CLI::App& command);
  /// `--via file|socket`, of commands that can go either way.
  void add_via(CLI::App& command);
  void add_json(CLI::App& command, const std::string& what_is_printed);
  void add_base64(CLI::App& command, const std::string& what_is_meant);

  /// Throws usage_error if it is empty.
  std::string file() const;
  /// Throws usage_error.
  via way() const;
  spelling bytes() const noexcept { return base64 ? spelling::base64 : spelling::as_they_are; }

  /// A key or a value as the user meant it. Throws usage_error, which names the argument.
  std::string decoded(const std::string& argument, std::string_view name) const;
};
