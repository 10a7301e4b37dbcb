#include "help/command_tree.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace {

described_option described_one(const CLI::Option& option) {
  static const std::set<std::string> files{"FILE", "TARGET", "SOURCE"};
  described_option out;
  out.description = option.get_description();
  out.is_required = option.get_required();
  out.is_repeated = option.get_items_expected_max() > 1;
  // A type's name with bars lists all choices.
  const std::string type = option.get_type_name();
  if (type.find('|') != std::string::npos) {
    std::istringstream in(type);
    for (std::string choice; std::getline(in, choice, '|');)
      out.choices.push_back(choice);
  }
  if (option.get_positional()) {
    out.value = option.get_name();
  } else {
    for (const std::string& name : option.get_snames())
      out.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
      out.names.push_back("--" + name);
    if (option.get_items_expected_max() > 0) out.value = type;
  }
  for (CLI::Option* other : option.get_excludes())
    out.excluded.push_back(other->get_name());
  std::sort(out.excluded.begin(), out.excluded.end());  // CLI11 sorts them by their addresses
  out.takes_file = files.contains(out.value);
  return out;
}

described_command described_one(const CLI::App& app) {
  described_command out{app.get_name(), app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options())
    out.options.push_back(described_one(*option));
  return out;
}

}  // namespace

std::vector<described_command> described(const CLI::App& tool) {
  std::vector<described_command> out{described_one(tool)};
  const auto is_shown = [](const CLI::App* command) { return !command->get_group().empty(); };
  for (const CLI::App* command : tool.get_subcommands(is_shown))
    out.push_back(described_one(*command));
  return out;
}
