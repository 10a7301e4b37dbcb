#include <memory>
#include <string>

#include <buntstore/version.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "help/command_tree.hpp"
#include "help/completion_scripts.hpp"
#include "help/man_page.hpp"
#include "output/exit_status.hpp"

namespace {

/// The commands are described during parsing, because they do not live as long as an action.
action printing(std::string text) {
  return [text = std::move(text)](output& out) {
    out.write(text);
    return exit_status::ok;
  };
}

void add_completion(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("completion", "Print a script that completes command lines");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash or zsh")->required()->type_name("bash|zsh");
  command->footer(R"(
The script completes commands, options, choices and names of files. Installed, it is there already.

Examples:
  buntdb completion bash > ~/.local/share/bash-completion/completions/buntdb
  buntdb completion zsh > "${fpath[1]}/_buntdb"
  source <(buntdb completion bash))");
  command->callback([shell, &tool, &chosen] {
    const std::string name = plain(*shell);
    if (name == "bash") {
      chosen = printing(bash_completion(described(tool)));
    } else if (name == "zsh") {
      chosen = printing(zsh_completion(described(tool)));
    } else {
      throw usage_error("'" + name + "' is none of bash and zsh (see buntdb completion --help)");
    }
  });
}

void add_man_page(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("man-page", "Print the manual page, for man -l");
  command->group("");  // hidden: the build uses it, and users have it installed
  command->callback(
      [&tool, &chosen] { chosen = printing(man_page(described(tool), BUNTSTORE_VERSION)); });
}

}  // namespace

void add_documents(CLI::App& tool, action& chosen) {
  add_completion(tool, chosen);
  add_man_page(tool, chosen);
}
