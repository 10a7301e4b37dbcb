// The command line tool buntdb: looks at database files and changes them. docs/tool.md is its page.

#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "exit_status.hpp"
#include "output.hpp"

namespace {

constexpr const char* footer = R"(
Reading commands work while another process has the database open, and never change the file.
set, del, repair and shrink need it for themselves.

Exit codes:
  0    done
  1    no such key; check: an open would cut a torn end off; repair: something was wrong
  2    the command line is wrong, or asks for what cannot be stored
  3    another process has the database open; the message says which
  4    the file is damaged, or no database
  5    anything else: no such file, no permission, a full disk …
  128+n  ended by signal n

Examples:
  buntdb set app.db greeting "Hello world!" --ttl 30m
  buntdb get app.db greeting
  buntdb dump app.db --prefix user: > users.jsonl
  buntdb check app.db

buntdb COMMAND --help says more.)";

bool has_command(const CLI::App& tool, const std::string& name) {
  const auto named = [&](const CLI::App* command) { return command->get_name() == name; };
  return !tool.get_subcommands(named).empty();
}

/// What the user asks for; empty if it was a text that is printed by now.
action understand(int argc, const char* const* argv, output& out) {
  CLI::App tool{"Looks into buntdb database files, and changes them.", "buntdb"};
  tool.set_version_flag("--version", "buntdb " BUNTSTORE_VERSION);
  tool.footer(footer);
  tool.require_subcommand(1);
  action chosen;
  for (const auto add : {add_get, add_set, add_del, add_ttl, add_keys, add_dump, add_check,
                         add_repair, add_shrink, add_stats}) {
    add(tool, chosen);
  }
  std::vector<std::string> arguments = armoured(argc, argv);
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    if (argument->starts_with('-')) continue;
    if (!has_command(tool, *argument)) {
      throw usage_error("there is no command '" + *argument + "' (see buntdb --help)");
    }
    break;
  }
  try {
    tool.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    out.write(tool.help());
  } catch (const CLI::CallForVersion& version) {
    out.line(version.what());
  } catch (const CLI::ParseError& problem) {
    const auto given = tool.get_subcommands();
    if (given.empty()) throw usage_error("which command? (see buntdb --help)");
    throw usage_error(readable(problem.what()) + " (see buntdb " + given.front()->get_name() +
                      " --help)");
  }
  return chosen;
}

int run(int argc, const char* const* argv) {
  output out;
  exit_status status = exit_status::ok;
  if (const action chosen = understand(argc, argv, out)) status = chosen(out);
  out.finish();
  return static_cast<int>(status);
}

}  // namespace

int main(int argc, char** argv) {
  take_standard_descriptors();
  // A reader that goes away is told by EPIPE, so that a database is closed in order first.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const broken_pipe&) {
    return static_cast<int>(exit_status::ok);
  } catch (const interrupted& end) {
    complain(end.what());
    return end.status();
  } catch (const std::bad_alloc&) {
    complain("out of memory");
    return static_cast<int>(exit_status::failed);
  } catch (const std::exception& failure) {
    complain(failure.what());
    return static_cast<int>(status_of(failure));
  }
}
