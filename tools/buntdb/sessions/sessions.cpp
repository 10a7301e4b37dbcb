#include <memory>
#include <string>

#include "command_line/commands.hpp"
#include "sessions/actions.hpp"
#include "sessions/session_options.hpp"

namespace {

exit_status run(const session_options& options, output& out) {
  options.check();
  const std::string action = options.action();
  if (action == "list") return list_sessions(options, out);
  if (action == "show") return show_sessions(options, out);
  if (action == "revoke") return revoke_sessions(options, out);
  if (action == "erase") return erase_user(options, out);
  if (action == "count") return count_sessions(options, out);
  if (action == "by-user") return list_users_of_sessions(options, out);
  throw usage_error("'" + action + "' is none of list, show, revoke, erase, count and by-user");
}

}  // namespace

void add_sessions(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand(
      "sessions", "List, show, count, revoke or erase the sessions that scs keeps");
  auto options = std::make_shared<session_options>();
  const auto parsed = options->add_to(*command);
  command->footer(R"(
Finds what stores::bunt has written, and Go's SCS: keys that are a session's, with any prefix. No
token is ever printed, and no key, which may be one. An ID is a fingerprint of the key (the first 12
digits of its SHA-256), good for nothing but to name a session here; its first 4 digits will do.

list, show, count and by-user work while another process has the database open. revoke needs it for
itself: exit code 3 names the process, which can do the same with session_manager::revoke(). It
follows renewed sessions to where they lead. Exit code 1: there is no such session.

erase --user ends the user's sessions as revoke does, and then removes from the file what is not in
the database any more: it compacts, and deletes what recoveries, repairs, copies and crashes have left
beside the file (.cut-, .damaged-, .compact-, .save-). It does so even if the user has no session.
Backups, and what the disk itself keeps, are out of its reach.

On a terminal list prints a table. Elsewhere it prints, with tabs between them: ID, state, user,
when last seen, when it expires, where it was created.

Examples:
  buntdb sessions app.db list --user tom
  buntdb sessions app.db show 3f9c
  buntdb sessions app.db revoke --user tom
  buntdb sessions app.db erase --user tom
  buntdb sessions app.db by-user --limit 10 --json
  buntdb sessions app.db count)");
  command->callback([options, parsed, &chosen] {
    parsed();  // the command does not live as long as the action
    chosen = [options](output& out) { return run(*options, out); };
  });
}
