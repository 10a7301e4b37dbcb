#include "command_line/arguments.hpp"

#include <algorithm>

#include "output/exit_status.hpp"
#include "text/base64.hpp"

namespace {

// CLI11 gives no meaning to an argument that begins with it.
constexpr char armour = '=';

/// A number may be negative: no option begins with a digit.
bool is_option(std::string_view argument) noexcept {
  return argument.size() > 1 && argument[0] == '-' && !(argument[1] >= '0' && argument[1] <= '9');
}

}  // namespace

std::vector<std::string> armoured(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  bool options_end = false;
  bool in_command = false;
  for (const std::string& argument : arguments) {
    if (!in_command) {
      in_command = !is_option(argument);
      out.push_back(argument);
    } else if (options_end || !is_option(argument)) {
      out.push_back(armour + argument);
    } else if (argument == "--") {
      options_end = true;
    } else if (const auto equals = argument.find('='); equals != std::string::npos) {
      out.push_back(argument.substr(0, equals));
      out.push_back(armour + argument.substr(equals + 1));
    } else {
      out.push_back(argument);
    }
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string plain(const std::string& argument) {
  return argument.starts_with(armour) ? argument.substr(1) : argument;
}

std::string readable(const std::string& message) {
  std::string text;
  char previous = '\0';
  for (const char c : message) {
    if (c != armour || previous != ' ') text += c;
    previous = c;
  }
  return text;
}

void common_options::add_file(CLI::App& command) {
  command.add_option("FILE", file_argument, "the database")->required()->type_name("");
}

void common_options::add_via(CLI::App& command) {
  command
      .add_option("--via", via_argument,
                  "which way to go; without it, the socket if a server listens there")
      ->type_name("file|socket");
}

via common_options::way() const {
  const std::string way = plain(via_argument);
  if (way.empty()) return via::any;
  if (way == "file") return via::file;
  if (way == "socket") return via::socket;
  throw usage_error("--via takes file or socket, not '" + way + "'");
}

void common_options::add_json(CLI::App& command, const std::string& what_is_printed) {
  command.add_flag("--json", json, what_is_printed);
}

void common_options::add_base64(CLI::App& command, const std::string& what_is_meant) {
  command.add_flag("--base64", base64, what_is_meant);
}

std::string common_options::file() const {
  std::string name = plain(file_argument);
  if (name.empty()) throw usage_error("the name of the file is empty");
  return name;
}

std::string common_options::decoded(const std::string& argument, std::string_view name) const {
  std::string bytes = plain(argument);
  if (!base64) return bytes;
  auto decoded = from_base64(bytes);
  if (!decoded) throw usage_error(std::string(name) + " is not base64: '" + bytes + "'");
  return *decoded;
}
