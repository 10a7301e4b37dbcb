#include "help/help_text.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include "help/command_tree.hpp"

namespace {

constexpr std::size_t first_column = 30;

/// Returns the name, preceded by those of the tool and of the commands above it.
std::string full_name(const CLI::App& app) {
  const CLI::App* const parent = app.get_parent();
  const std::string above = parent == nullptr ? "" : full_name(*parent);
  return above.empty() ? app.get_name() : above + " " + app.get_name();
}

std::string entry(const std::string& name, std::string_view description) {
  std::string line = "  " + name;
  if (line.size() >= first_column) {
    line += '\n' + std::string(first_column, ' ');
  } else {
    line.resize(first_column, ' ');
  }
  line += description;
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string usage(const CLI::App& app, const described_command& command, bool has_commands) {
  std::string out = "Usage: " + full_name(app) + " [OPTIONS]";
  for (const described_option& option : command.options) {
    if (!option.is_positional()) continue;
    const std::string name = option.value + (option.is_repeated ? "..." : "");
    out += option.is_required ? " " + name : " [" + name + "]";
  }
  if (has_commands) out += " COMMAND";
  return out + '\n';
}

std::string left_side(const described_option& option) {
  std::string out;
  for (const std::string& name : option.names)
    out += (out.empty() ? "" : ", ") + name;
  if (!option.value.empty()) out += (out.empty() ? "" : " ") + option.value;
  if (option.is_positional()) {
    std::string choices;
    for (const std::string& choice : option.choices)
      choices += (choices.empty() ? " " : "|") + choice;
    out += choices;
  }
  if (option.is_repeated) out += " ...";
  if (option.is_required) out += " REQUIRED";
  for (std::size_t i = 0; i < option.excluded.size(); ++i)
    out += (i == 0 ? " Excludes: " : ", ") + option.excluded[i];
  return out;
}

std::string options(const std::string& title, const described_command& command, bool positional) {
  std::string out;
  for (const described_option& option : command.options) {
    if (option.is_positional() == positional) out += entry(left_side(option), option.description);
  }
  return out.empty() ? out : '\n' + title + ":\n" + out;
}

}  // namespace

std::string help_text(const CLI::App& app) {
  const CLI::App* asked = &app;
  for (auto parsed = asked->get_subcommands(); !parsed.empty(); parsed = asked->get_subcommands())
    asked = parsed.back();
  const std::vector<described_command> commands = described(*asked);
  const described_command& command = commands.front();

  std::string out = command.description;
  if (!out.empty()) out += '\n';
  out += usage(*asked, command, commands.size() > 1);
  out += options("Positionals", command, true) + options("Options", command, false);
  if (commands.size() > 1) out += "\nCommands:\n";
  for (std::size_t i = 1; i < commands.size(); ++i)
    out += entry(commands[i].name, commands[i].description);
  const std::size_t footer = command.footer.find_first_not_of('\n');
  if (footer != std::string::npos) out += '\n' + command.footer.substr(footer) + '\n';
  return out;
}
