// The command line tool buntdb, which reads and changes database files. See docs/tool.md.

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <buntstore/version.hpp>

#include "command_line/arguments.hpp"
#include "command_line/command_line.hpp"
#include "command_line/commands.hpp"
#include "output/exit_status.hpp"
#include "output/output.hpp"

namespace {

constexpr const char* footer = R"(
If another process has the database open and offers a control socket, FILE.sock, these commands
work through it, and say so: get, ttl, set, del, ascend, descend, stats, compact, save, watch and
sessions; sync and settings do nothing else. --via file or --via socket says which way they go.

Otherwise, reading commands work on the file while another process has it open, and never change it.
set, del, index create and drop, load, repair, compact, sessions revoke and shell need it for
themselves. All but check, repair and watch read the whole file into memory first.

Exit codes:
  0    done
  1    no such key, index or session; check: an open would cut a torn end off; repair: something was wrong
  2    the command line is wrong, or asks for what cannot be stored
  3    another process has the database open; the message says which
  4    the file is damaged, or no database
  5    anything else: no such file, no permission, a full disk …
  128+n  ended by signal n

Examples:
  buntdb set app.db greeting "Hello world!" --ttl 30m
  buntdb get app.db greeting
  buntdb dump app.db --prefix user: > users.jsonl
  buntdb descend app.db --by json:age --limit 10
  buntdb check app.db
  buntdb sessions app.db list --user tom
  buntdb watch app.db --pattern 'user:*'
  buntdb settings app.db sync always
  buntdb shell app.db

buntdb COMMAND --help says more.)";

bool has_command(const CLI::App& tool, const std::string& name) {
  const auto named = [&](const CLI::App* command) { return command->check_name(name); };
  return !tool.get_subcommands(named).empty();
}

/// Returns what the user asks for. Empty if it was a text that is already printed.
action understand(int argc, const char* const* argv, output& out) {
  CLI::App tool{"Looks into buntdb database files, and changes them.", "buntdb"};
  tool.set_version_flag("--version", "buntdb " BUNTSTORE_VERSION);
  tool.footer(footer);
  tool.require_subcommand(1);
  action chosen;
  for (const auto add :
       {add_get,      add_set,     add_del,    add_ttl,        add_keys,    add_dump,
        add_ascend,   add_descend, add_nearby, add_intersects, add_index,   add_save,
        add_load,     add_restore, add_check,  add_repair,     add_compact, add_stats,
        add_sessions, add_watch,   add_sync,   add_settings,   add_shell,   add_documents}) {
    add(tool, chosen);
  }
  const std::vector<std::string> arguments =
      armoured(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  std::string see = "buntdb --help";
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    if (argument->starts_with('-')) continue;
    if (!has_command(tool, *argument)) {
      throw usage_error("there is no command '" + *argument + "' (see buntdb --help)");
    }
    see = "buntdb " + *argument + " --help";
    break;
  }
  if (arguments.empty()) throw usage_error("which command? (see buntdb --help)");
  parse(tool, arguments, see, out);
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
  // A closed output is reported as EPIPE, so that a database is closed in order first.
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
