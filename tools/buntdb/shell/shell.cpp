#include <memory>

#include <unistd.h>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "shell/conversation.hpp"
#include "shell/script.hpp"
#include "shell/workspace.hpp"

namespace {

struct shell_command_line {
  common_options common;
  bool read_only = false;
  bool keep_going = false;
  bool no_history = false;

  exit_status run(output& out) const {
    workspace space(common.file(), read_only);
    const bool somebody_there = ::isatty(STDIN_FILENO) == 1 && out.terminal();
    const exit_status status =
        somebody_there ? converse(space, out, no_history) : run_script(space, out, keep_going);
    space.close();
    return status;
  }
};

}  // namespace

void add_shell(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("shell", "Take commands for one database, typed or from a script");
  auto mine = std::make_shared<shell_command_line>();
  mine->common.add_file(*command);
  command->add_flag("--read-only", mine->read_only,
                    "show the file as it is now; works while another process has it open");
  command->add_flag("--keep-going", mine->keep_going, "do not stop a script at its first error");
  command->add_flag("--no-history", mine->no_history, "neither read nor write the history file");
  command->footer(R"(
On a terminal: editing, history and completion (Tab). Ctrl-C abandons a line or a long output,
Ctrl-D ends. Otherwise commands are read from standard input, one a line, # begins a comment; the
first error ends the script; the exit code is that of the first error.
begin opens a transaction, commit and rollback end it; one that is open at the end is rolled back,
and a script then has exit code 1. help lists all commands.
Words are quoted as in a shell; \xNN is a byte, \n, \r and \t are what they are in C.
Lines, but for those with set and those that begin with a space, are kept in
~/.local/state/buntdb/history, which only the user can read.
The file is created if need be, and is in use as long as the shell runs: exit code 3 if another
process has it.

Examples:
  buntdb shell app.db
  buntdb shell app.db --read-only
  printf 'begin\ndel a\nset b 1 --ttl 1h\ncommit\n' | buntdb shell app.db)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
