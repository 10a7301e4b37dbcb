#include <memory>
#include <string>

#include "command_line/commands.hpp"
#include "sessions/actions.hpp"
#include "sessions/session_options.hpp"
#include "sessions/transfer.hpp"

namespace {

exit_status run(const session_options& options, output& out) {
  if (const auto ended = transfer_sessions(options, out)) return *ended;
  options.check();
  const std::string action = options.action();
  if (action == "list") return list_sessions(options, out);
  if (action == "show") return show_sessions(options, out);
  if (action == "revoke") return revoke_sessions(options, out);
  if (action == "erase") return erase_user(options, out);
  if (action == "count") return count_sessions(options, out);
  if (action == "by-user") return list_users_of_sessions(options, out);
  throw usage_error("'" + action +
                    "' is none of list, show, revoke, erase, count, by-user, export and import");
}

}  // namespace

void add_sessions(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand(
      "sessions", "List, show, count, revoke, erase, export or import the sessions that scs keeps");
  auto options = std::make_shared<session_options>();
  const auto parsed = options->add_to(*command);
  command->footer(R"(
Finds what stores::bunt has written, and Go's SCS: keys that are a session's, with any prefix. No
token is ever printed. An ID is the session's id as the application and its events have it: h: and
43 characters, from which no token can be computed. Its first four characters after h: will do while
they are one session's.

With a server that has the database open and a control socket, all of these go through it, and revoke
ends sessions as the application does: session_manager::revoke(), revoke_all(), revoke_everybody().
Without one, revoke needs the file for itself: exit code 3 names the process that has it. It follows
renewed sessions to where they lead. Exit code 1: there is no such session.

erase --user ends the user's sessions as revoke does, and then removes from the file what is not in
the database any more: it compacts, and deletes what recoveries, repairs, copies and crashes have left
beside the file (.cut-, .damaged-, .compact-, .save-). It does so even if the user has no session.
Backups, and what the disk itself keeps, are out of its reach.

export TO writes all sessions, and what revocations have left, to a file, to redis://HOST:PORT/DATABASE
or to postgresql://USER@HOST/DATABASE; import FROM reads them from there into FILE. Users, data and the
moments of expiry stay what they are. A run that was interrupted may be repeated; what is there already
under the same id stays. Once a run was complete, the same one does nothing: sessions that have ended
since stay ended. Stop the servers before, or move with scs::stores::moving, which needs no stop. - is
standard output or input. A file has mode 0600. Where ids are tokens (Go's SCS, id_mode::raw) it can be
used by whoever reads it: export warns of that, and --hash-ids makes hashes of them, as
id_mode::hashed has. Options after ?: of redis prefix=, mode=cluster, plaintext=any_network; of
postgresql table=, payload=jsonb; of both records=scs_v2, for the records of Go's SCS. Passwords:
REDISCLI_AUTH, PGPASSWORD.

On a terminal list prints a table. Elsewhere it prints, with tabs between them: ID, state, user,
when last seen, when it expires, where it was created.

Examples:
  buntdb sessions app.db list --user tom
  buntdb sessions app.db show h:3f9c
  buntdb sessions app.db revoke --user tom
  buntdb sessions app.db revoke --all
  buntdb sessions app.db erase --user tom
  buntdb sessions app.db by-user --limit 10 --json
  buntdb sessions app.db export redis://127.0.0.1:6379
  buntdb sessions app.db import sessions.jsonl
  buntdb sessions app.db count)");
  command->callback([options, parsed, &chosen] {
    parsed();  // the command does not live as long as the action
    chosen = [options](output& out) { return run(*options, out); };
  });
}
