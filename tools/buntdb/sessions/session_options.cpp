#include "sessions/session_options.hpp"

#include <map>
#include <utility>

#include "files/opened.hpp"
#include "output/output.hpp"
#include "sessions/live_sessions.hpp"

std::function<void()> session_options::add_to(CLI::App& command) {
  common.add_file(command);
  common.add_via(command);
  command
      .add_option("ACTION", action_argument,
                  "list, show, revoke, erase, count, by-user, export or import")
      ->required()
      ->type_name("list|show|revoke|erase|count|by-user|export|import");
  command
      .add_option("ID", id_arguments,
                  "which sessions: with show and revoke; TO or FROM: with export and import")
      ->type_name("");
  const CLI::Option* user =
      command.add_option("--user", user_argument, "only this user's sessions")->type_name("NAME");
  const CLI::Option* prefix =
      command
          .add_option("--prefix", prefix_argument,
                      "only sessions of the store with this prefix (bunt_options::prefix)")
          ->type_name("TEXT");
  limit.add_to(command);
  command.add_flag("--all", all,
                   "list: the tombstones of renewed sessions, too; revoke: all sessions");
  command.add_flag("--values", values, "show: print the values; they may be secrets");
  command.add_flag("--again", again, "export, import: also if it was done before");
  command.add_flag("--hash-ids", hash_ids, "export, import: make hashes of ids that are tokens");
  common.add_json(command, "print a JSON object (list, show, by-user: one a line)");
  return [this, user, prefix] {
    user_given = user->count() > 0;
    prefix_given = prefix->count() > 0;
  };
}

std::optional<std::string> session_options::prefix() const {
  if (!prefix_given) return std::nullopt;
  return plain(prefix_argument);
}

std::vector<std::string> session_options::ids() const {
  std::vector<std::string> found;
  for (const std::string& argument : id_arguments)
    found.push_back(plain(argument));
  return found;
}

void session_options::check() const {
  const std::string action = this->action();
  const bool takes_ids = action == "show" || action == "revoke";
  if (!takes_ids && !id_arguments.empty()) {
    throw usage_error("sessions " + action + " takes no ID: '" + plain(id_arguments[0]) + "'");
  }
  if (action == "erase" && !user_given) throw usage_error("sessions erase needs --user");
  if (again || hash_ids) throw usage_error("--again and --hash-ids are for export and import");
  if (values && action != "show") throw usage_error("--values is for sessions show");
  if (all && action != "list" && action != "revoke") {
    throw usage_error("--all is for sessions list and revoke");
  }
  if (limit.given() && action != "list" && action != "by-user") {
    throw usage_error("--limit is for sessions list and by-user");
  }
  static_cast<void>(limit.value());  // checked before the file is read
  for (const std::string& id : ids()) {
    // The message does not repeat it, because it may be a token that somebody tried.
    if (!is_abbreviated_id(id)) {
      throw usage_error(
          "an ID is h: and what follows it in sessions list, or at least four characters of that; "
          "a token is none");
    }
  }
}

void session_options::for_each(values_wanted wanted, const visitor& visit) const {
  if (const auto server = live_server::of(common, use::reading))
    return for_each(*server, wanted, visit);
  opened file(common.file(), purpose::reading);
  for_each(file.database().begin_read(), wanted, visit);
}

void session_options::for_each(const buntdb::reader& items, values_wanted wanted,
                               const visitor& visit) const {
  for_each_session(items, {.prefix = prefix(), .values = wanted}, [&](stored_session& session) {
    return (user_given && session.user != user()) || visit(session);
  });
}

void session_options::for_each(live_server& server, values_wanted wanted,
                               const visitor& visit) const {
  live_session_query query{.prefix = prefix(), .ids = ids(), .values = wanted};
  if (user_given) query.user = user();
  for_each_live_session(server, query, visit);
}

std::vector<stored_session> session_options::named(
    const std::function<void(const visitor&)>& visit_all, exit_status& status) const {
  std::vector<stored_session> found;
  const std::vector<std::string> wanted_ids = ids();
  std::map<std::string, std::size_t> hits;
  visit_all([&](stored_session& session) {
    bool taken = false;
    for (const std::string& id : wanted_ids) {
      if (!session.id.starts_with(id)) continue;
      ++hits[id];
      taken = true;
    }
    if (taken) found.push_back(std::move(session));
    return true;
  });
  for (const std::string& id : wanted_ids) {
    if (hits[id] > 1) {
      throw usage_error("ID " + id + " begins " + std::to_string(hits[id]) +
                        " sessions: give more of its characters");
    }
    if (hits[id] == 0) {
      complain(common.file() + " has no session " + id);
      status = exit_status::finding;
    }
  }
  return found;
}
