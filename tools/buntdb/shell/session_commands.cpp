// begin, commit, rollback, save, load, help, exit: commands for the shell's session and the whole
// file.

#include <algorithm>
#include <memory>
#include <string>

#include "command_line/arguments.hpp"
#include "command_line/words.hpp"
#include "files/copies.hpp"
#include "help/help_text.hpp"
#include "output/exit_status.hpp"
#include "shell/shell_commands.hpp"

namespace shell {

namespace {

void add_simple(CLI::App& shell, action& chosen, const char* name, const char* what,
                std::function<void()> run) {
  shell.add_subcommand(name, what)->callback([run = std::move(run), &chosen] {
    chosen = [run](output&) {
      run();
      return exit_status::ok;
    };
  });
}

/// Adds a command whose argument is the name of another file.
void add_copying(CLI::App& shell, action& chosen, const char* name, const char* what,
                 const char* argument, std::function<void(const std::string&, output&)> run) {
  CLI::App* command = shell.add_subcommand(name, what);
  auto other = std::make_shared<std::string>();
  command->add_option(argument, *other, "the copy")->required()->type_name("");
  command->callback([other, name, argument, run = std::move(run), &chosen] {
    chosen = [other, name, argument, run](output& out) {
      const std::string path = plain(*other);
      // The shell uses standard input and output itself.
      if (path.empty() || path == "-") {
        throw usage_error(std::string(name) + " takes the name of a file for " + argument);
      }
      run(path, out);
      return exit_status::ok;
    };
  });
}

}  // namespace

void add_begin(CLI::App& shell, shell_context& context, action& chosen) {
  add_simple(shell, chosen, "begin", "Begin a transaction; what follows is part of it",
             [&context] { context.space.begin(); });
}

void add_commit(CLI::App& shell, shell_context& context, action& chosen) {
  add_simple(shell, chosen, "commit", "Make the transaction's changes permanent",
             [&context] { context.space.commit(); });
}

void add_rollback(CLI::App& shell, shell_context& context, action& chosen) {
  add_simple(shell, chosen, "rollback", "Forget the transaction's changes",
             [&context] { context.space.rollback(); });
}

void add_save(CLI::App& shell, shell_context& context, action& chosen) {
  add_copying(
      shell, chosen, "save", "Write a copy of the database", "TARGET",
      [&context](const std::string& target, output& out) {
        workspace& space = context.space;
        space.require_no_transaction("save");
        out.line(saved_text(target, save_copy(space.file(), space.path(), target, out), false));
      });
}

void add_load(CLI::App& shell, shell_context& context, action& chosen) {
  add_copying(shell, chosen, "load", "Take in a copy: its items are set, what else is there stays",
              "SOURCE", [&context](const std::string& source, output& out) {
                workspace& space = context.space;
                space.require_no_transaction("load");
                out.line(loaded_text(space.path(), source,
                                     load_copy(space.file(), space.path(), source), false));
              });
}

void add_help(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command = shell.add_subcommand("help", "List the commands, or explain one");
  auto name = std::make_shared<std::string>();
  command->add_option("COMMAND", *name, "which")->type_name("");
  command->callback([name, &context, &chosen] {
    chosen = [name, &context](output& out) {
      CLI::App all;
      action ignored;
      for (const shell_command& known : shell_commands())
        known.add(all, context, ignored);
      if (!name->empty()) {
        if (find_shell_command(plain(*name)) == nullptr) {
          throw usage_error("there is no command " + as_word(plain(*name)));
        }
        out.write(help_text(*all.get_subcommand(plain(*name))));
        return exit_status::ok;
      }
      for (const CLI::App* known : all.get_subcommands(nullptr)) {
        std::string line = known->get_name();
        line.resize(std::max<std::size_t>(line.size(), 12), ' ');
        out.line(line + known->get_description());
      }
      out.line(
          "\nWords are quoted as in a shell: 'as it is', \"with \\x00 and \\n\", one\\ word.\n"
          "help COMMAND says more. Ctrl-C abandons a line, Ctrl-D ends.");
      return exit_status::ok;
    };
  });
}

void add_exit(CLI::App& shell, shell_context& context, action& chosen) {
  add_simple(shell, chosen, "exit", "End, as Ctrl-D does; rolls back what is not committed",
             [&context] { context.ends = true; });
}

}  // namespace shell
