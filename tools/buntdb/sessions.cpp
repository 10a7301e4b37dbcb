#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "interrupts.hpp"
#include "json_text.hpp"
#include "limit_option.hpp"
#include "opened.hpp"
#include "printable.hpp"
#include "stored_sessions.hpp"
#include "terminal_text.hpp"
#include "times.hpp"

namespace {

constexpr std::size_t fingerprint_size_min = 4;

buntdb::time_point now() {
  return std::chrono::system_clock::now();
}

/// "29m", the largest unit only.
std::string span_text(std::chrono::nanoseconds span) {
  using namespace std::chrono;
  const auto seconds = duration_cast<std::chrono::seconds>(span).count();
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 120 * 60) return std::to_string(seconds / 60) + "m";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string expiry_text(buntdb::time_point moment) {
  return moment == buntdb::time_point::max() ? "never" : moment_text(moment);
}

json moment_or_null(const std::optional<buntdb::time_point>& moment) {
  if (!moment || *moment == buntdb::time_point::max()) return nullptr;
  return moment_text(*moment);
}

json as_json(const stored_session& session) {
  json object;
  object["id"] = session.fingerprint;
  object["state"] = name_of(session.state);
  if (session.user.empty()) {
    object["user"] = nullptr;
  } else {
    put_bytes(object, "user", session.user, spelling::as_they_are);
  }
  object["created"] = moment_or_null(session.created);
  object["last_seen"] = moment_or_null(session.seen);
  object["expires_at"] = moment_or_null(session.expires_at);
  object["deadline"] = moment_or_null(session.deadline);
  put_bytes(object, "where", session.where, spelling::as_they_are);
  object["values"] = session.value_count;
  object["bytes"] = session.payload_bytes;
  put_bytes(object, "prefix", session.prefix, spelling::as_they_are);
  object["key_is_token"] = session.key_is_token;
  return object;
}

/// Kind and size of a value, for those who need not know it.
std::string kind_text(const std::string& value) {
  const char first = value.empty() ? ' ' : value[0];
  std::string kind = "number";
  if (first == '"') kind = "string";
  if (first == '{') kind = "object";
  if (first == '[') kind = "array";
  if (first == 't' || first == 'f') kind = "boolean";
  if (first == 'n') kind = "null";
  return kind + ", " + size_text(value.size());
}

struct user_sessions {
  std::string user;
  std::uint64_t sessions = 0;
  std::optional<buntdb::time_point> last_seen;
};

struct sessions_command {
  common_options common;
  std::string action_argument;
  std::vector<std::string> id_arguments;
  std::string user_argument;
  std::string prefix_argument;
  limit_option limit;
  bool all = false;
  bool values = false;
  bool user_given = false;
  bool prefix_given = false;

  exit_status run(output& out) const {
    const std::string action = plain(action_argument);
    const bool takes_ids = action == "show" || action == "revoke";
    if (!takes_ids && !id_arguments.empty()) {
      throw usage_error("sessions " + action + " takes no ID: '" + plain(id_arguments[0]) + "'");
    }
    if (values && action != "show") throw usage_error("--values is for sessions show");
    if (all && action != "list") throw usage_error("--all is for sessions list");
    if (limit.given() && action != "list" && action != "by-user") {
      throw usage_error("--limit is for sessions list and by-user");
    }
    static_cast<void>(limit.value());  // checked before the file is read
    for (const std::string& id : ids()) {
      if (id.size() < fingerprint_size_min ||
          id.find_first_not_of("0123456789abcdef") != std::string::npos) {
        // Not repeated: it may be a token that somebody tried.
        throw usage_error(
            "an ID is what sessions list prints, or at least its first 4 digits; a token or a key "
            "is none");
      }
    }
    if (action == "list") return list(out);
    if (action == "show") return show(out);
    if (action == "revoke") return revoke(out);
    if (action == "count") return count(out);
    if (action == "by-user") return by_user(out);
    throw usage_error("'" + action + "' is none of list, show, revoke, count and by-user");
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (const std::string& argument : id_arguments) {
      std::string id = plain(argument);
      for (char& c : id)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
      found.push_back(std::move(id));
    }
    return found;
  }

  std::optional<std::string> prefix() const {
    if (!prefix_given) return std::nullopt;
    return plain(prefix_argument);
  }

  bool is_wanted(const stored_session& session) const {
    return !user_given || session.user == plain(user_argument);
  }

  template <class Visit>
  void for_each(const buntdb::reader& items, values_wanted wanted, Visit visit) const {
    for_each_session(items, prefix(), wanted, [&](stored_session& session) {
      return !is_wanted(session) || visit(session);
    });
  }

  exit_status list(output& out) const {
    opened file(common.file(), purpose::reading);
    std::uint64_t left = limit.value();
    std::vector<stored_session> rows;
    const bool as_table = out.terminal() && !common.json;
    for_each(file.database().begin_read(), values_wanted::no, [&](stored_session& session) {
      if (session.state == session_state::renewed && !all) return true;
      if (left == 0) return false;
      --left;
      if (common.json) {
        out.line(as_json(session).dump());
      } else if (as_table) {
        rows.push_back(std::move(session));
      } else {
        out.line(session.fingerprint + "\t" + std::string(name_of(session.state)) + "\t" +
                 printable(session.user) + "\t" + (session.seen ? moment_text(*session.seen) : "") +
                 "\t" + expiry_text(session.expires_at) + "\t" + printable(session.where));
      }
      return true;
    });
    if (as_table) print_table(out, rows);
    return exit_status::ok;
  }

  static void print_table(output& out, const std::vector<stored_session>& rows) {
    constexpr std::size_t user_columns_max = 24;
    const auto moment = now();
    const auto user_of = [](const stored_session& session) {
      if (session.state == session_state::live) {
        return session.user.empty() ? std::string("-") : printable(session.user);
      }
      return "(" + std::string(name_of(session.state)) + ")";
    };
    std::size_t user_columns = 4;
    for (const stored_session& session : rows)
      user_columns = std::max(user_columns, columns_of(user_of(session)));
    user_columns = std::min(user_columns, user_columns_max);
    const std::size_t width = terminal_width();
    const bool colours = shows_colours(out);
    const auto line = [&](const std::string& id, const std::string& user, const std::string& seen,
                          const std::string& ends, const std::string& where) {
      std::string text = padded(id, 12) + "  " + padded(fitted(user, user_columns), user_columns) +
                         "  " + padded(seen, 9) + "  " + padded(ends, 7) + "  " + where;
      while (text.ends_with(' '))
        text.pop_back();
      return fitted(text, width);
    };
    out.line(coloured(line("ID", "USER", "SEEN", "ENDS IN", "WHERE"), colour::bold, colours));
    for (const stored_session& session : rows) {
      out.line(line(session.fingerprint, user_of(session),
                    session.seen ? span_text(moment - *session.seen) + " ago" : "-",
                    session.expires_at == buntdb::time_point::max()
                        ? "never"
                        : span_text(session.expires_at - moment),
                    printable(session.where)));
    }
  }

  /// Those that the IDs name. Throws usage_error if one names several; says which name none.
  std::vector<stored_session> named(const buntdb::reader& items, values_wanted wanted,
                                    exit_status& status) const {
    std::vector<stored_session> found;
    const std::vector<std::string> wanted_ids = ids();
    std::map<std::string, std::size_t> hits;
    for_each(items, wanted, [&](stored_session& session) {
      bool taken = false;
      for (const std::string& id : wanted_ids) {
        if (!session.fingerprint.starts_with(id)) continue;
        ++hits[id];
        taken = true;
      }
      if (taken) found.push_back(std::move(session));
      return true;
    });
    for (const std::string& id : wanted_ids) {
      if (hits[id] > 1) {
        throw usage_error("ID " + id + " begins " + std::to_string(hits[id]) +
                          " sessions: give more of its digits");
      }
      if (hits[id] == 0) {
        complain(common.file() + " has no session " + id);
        status = exit_status::finding;
      }
    }
    return found;
  }

  exit_status show(output& out) const {
    if (id_arguments.empty()) throw usage_error("sessions show: which? It takes IDs");
    opened file(common.file(), purpose::reading);
    const buntdb::snapshot view = file.database().begin_read();
    exit_status status = exit_status::ok;
    for (const stored_session& session : named(view, values_wanted::yes, status)) {
      if (common.json) {
        json object = as_json(session);
        json& members = object["data"] = json::object();
        for (const session_value& value : session.values) {
          // The payload was checked: this is JSON.
          members[json_safe(value.name)] =
              values ? json::parse(value.json)
                     : json{{"bytes", value.json.size()}, {"kind", kind_text(value.json)}};
        }
        out.line(object.dump());
      } else {
        print(out, session);
      }
    }
    return status;
  }

  void print(output& out, const stored_session& session) const {
    out.line(session.fingerprint);
    out.line("  state     " + std::string(name_of(session.state)));
    out.line("  user      " + (session.user.empty() ? "nobody's" : printable(session.user)));
    if (session.created) out.line("  created   " + moment_text(*session.created));
    if (session.seen) out.line("  seen      " + moment_text(*session.seen));
    out.line("  expires   " + expiry_text(session.expires_at));
    out.line("  deadline  " + expiry_text(session.deadline));
    if (!session.where.empty()) out.line("  where     " + printable(session.where));
    out.line("  key       " +
             std::string(session.key_is_token ? "the token itself (Go's SCS, or id_mode::raw)"
                                              : "a hash of the token") +
             (session.prefix.empty() ? "" : ", behind the prefix " + printable(session.prefix)));
    out.line("  payload   " + size_text(session.payload_bytes));
    for (const session_value& value : session.values) {
      out.line("  value     " + printable(value.name) + ": " +
               (values ? printable(value.json) : kind_text(value.json)));
    }
  }

  exit_status revoke(output& out) const {
    if (id_arguments.empty() == !user_given) {
      throw usage_error("sessions revoke takes either IDs or --user");
    }
    const std::string path = common.file();
    interrupts signals;
    opened file(path, purpose::changing);
    signals.stop_with([] {});  // what is left is done whole
    exit_status status = exit_status::ok;
    buntdb::transaction tx = file.database().begin();
    std::vector<stored_session> found;
    if (id_arguments.empty()) {
      for_each(tx, values_wanted::no, [&](stored_session& session) {
        found.push_back(std::move(session));
        return true;
      });
      if (found.empty()) {
        complain(path + " has no session of user '" + plain(user_argument) + "'");
        status = exit_status::finding;
      }
    } else {
      found = named(tx, values_wanted::no, status);
    }
    const std::uint64_t revoked = erase(tx, found);
    tx.commit();
    file.database().close();
    if (common.json) {
      out.line(json{{"revoked", revoked}}.dump());
    } else {
      out.line(printable(path) + ": " + std::to_string(revoked) +
               (revoked == 1 ? " session" : " sessions") + " revoked");
    }
    return status;
  }

  /// Erases them, what they were renewed to, and the tombstones that lead to them; gives how many
  /// of those were live.
  std::uint64_t erase(buntdb::transaction& tx, const std::vector<stored_session>& named) const {
    std::map<std::string, stored_session> all_sessions;
    for_each_session(tx, prefix(), values_wanted::no, [&](stored_session& session) {
      std::string key = session.key;
      // Those of other users may not be reached from here.
      all_sessions.emplace(std::move(key), std::move(session));
      return true;
    });
    std::set<std::string> doomed;
    for (const stored_session& session : named) {
      std::string key = session.key;
      while (!key.empty() && doomed.insert(key).second) {
        const auto next = all_sessions.find(key);
        key = next == all_sessions.end() ? std::string() : next->second.moved_to;
      }
    }
    for (bool grows = true; grows;) {
      grows = false;
      for (const auto& [key, session] : all_sessions) {
        if (!session.moved_to.empty() && doomed.contains(session.moved_to)) {
          grows = doomed.insert(key).second || grows;
        }
      }
    }
    std::uint64_t live = 0;
    for (const std::string& key : doomed) {
      const auto session = all_sessions.find(key);
      if (tx.erase(key) && session != all_sessions.end() &&
          session->second.state != session_state::renewed) {
        ++live;
      }
    }
    return live;
  }

  exit_status count(output& out) const {
    opened file(common.file(), purpose::reading);
    std::uint64_t live = 0;
    std::uint64_t of_nobody = 0;
    std::uint64_t renewed = 0;
    std::uint64_t unreadable = 0;
    std::uint64_t tokens = 0;
    std::uint64_t bytes = 0;
    std::set<std::string> users;
    for_each(file.database().begin_read(), values_wanted::no, [&](const stored_session& session) {
      if (session.state == session_state::renewed) ++renewed;
      if (session.state == session_state::unreadable) ++unreadable;
      if (session.state != session_state::live) return true;
      ++live;
      bytes += session.payload_bytes;
      if (session.key_is_token) ++tokens;
      if (session.user.empty()) {
        ++of_nobody;
      } else {
        users.insert(session.user);
      }
      return true;
    });
    if (common.json) {
      out.line(json{
          {"sessions", live},
          {"users", users.size()},
          {"of_nobody", of_nobody},
          {"renewed", renewed},
          {"unreadable", unreadable},
          {"keys_that_are_tokens", tokens},
          {"payload_bytes",
           bytes}}.dump());
      return exit_status::ok;
    }
    out.line(printable(common.file()));
    out.line("  sessions    " + std::to_string(live) + ", " + std::to_string(of_nobody) +
             " of them nobody's");
    out.line("  users       " + std::to_string(users.size()));
    out.line("  payloads    " + size_text(bytes));
    out.line("  renewed     " + std::to_string(renewed) + ", whose old tokens still lead on");
    if (unreadable > 0) {
      out.line("  unreadable  " + std::to_string(unreadable) +
               ", whose payloads are not what scs writes by default");
    }
    if (tokens > 0) {
      out.line("  tokens      " + std::to_string(tokens) +
               " keys are tokens (Go's SCS, or id_mode::raw): keep the file secret");
    }
    return exit_status::ok;
  }

  exit_status by_user(output& out) const {
    opened file(common.file(), purpose::reading);
    std::map<std::string, user_sessions> users;
    for_each(file.database().begin_read(), values_wanted::no, [&](const stored_session& session) {
      if (session.state != session_state::live || session.user.empty()) return true;
      user_sessions& mine = users[session.user];
      mine.user = session.user;
      ++mine.sessions;
      if (session.seen && (!mine.last_seen || *mine.last_seen < *session.seen)) {
        mine.last_seen = session.seen;
      }
      return true;
    });
    std::vector<user_sessions> rows;
    rows.reserve(users.size());
    for (auto& [user, mine] : users)
      rows.push_back(std::move(mine));
    std::stable_sort(rows.begin(), rows.end(), [](const user_sessions& a, const user_sessions& b) {
      return a.sessions > b.sessions;
    });
    std::uint64_t left = limit.value();
    for (const user_sessions& row : rows) {
      if (left-- == 0) break;
      if (common.json) {
        json object;
        put_bytes(object, "user", row.user, spelling::as_they_are);
        object["sessions"] = row.sessions;
        object["last_seen"] = moment_or_null(row.last_seen);
        out.line(object.dump());
      } else {
        out.line(std::to_string(row.sessions) + "\t" + printable(row.user));
      }
    }
    return exit_status::ok;
  }
};

}  // namespace

void add_sessions(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("sessions", "List, show, count or revoke the sessions that scs keeps");
  auto mine = std::make_shared<sessions_command>();
  mine->common.add_file(*command);
  command->add_option("ACTION", mine->action_argument, "list, show, revoke, count or by-user")
      ->required()
      ->type_name("list|show|revoke|count|by-user");
  command->add_option("ID", mine->id_arguments, "which sessions: with show and revoke")
      ->type_name("");
  const CLI::Option* user =
      command->add_option("--user", mine->user_argument, "only this user's sessions")
          ->type_name("NAME");
  const CLI::Option* prefix =
      command
          ->add_option("--prefix", mine->prefix_argument,
                       "only sessions of the store with this prefix (bunt_options::prefix)")
          ->type_name("TEXT");
  mine->limit.add_to(*command);
  command->add_flag("--all", mine->all, "list: the tombstones of renewed sessions, too");
  command->add_flag("--values", mine->values, "show: print the values; they may be secrets");
  mine->common.add_json(*command, "print a JSON object (list, show, by-user: one a line)");
  command->footer(R"(
Finds what stores::bunt has written, and Go's SCS: keys that are a session's, with any prefix. No
token is ever printed, and no key, which may be one. An ID is a fingerprint of the key (the first 12
digits of its SHA-256), good for nothing but to name a session here; its first 4 digits will do.

list, show, count and by-user work while another process has the database open. revoke needs it for
itself: exit code 3 names the process, which can do the same with session_manager::revoke(). It
follows renewed sessions to where they lead. Exit code 1: there is no such session.

On a terminal list prints a table. Elsewhere it prints, with tabs between them: ID, state, user,
when last seen, when it expires, where it was created.

Examples:
  buntdb sessions app.db list --user tom
  buntdb sessions app.db show 3f9c
  buntdb sessions app.db revoke --user tom
  buntdb sessions app.db by-user --limit 10 --json
  buntdb sessions app.db count)");
  command->callback([mine, user, prefix, &chosen] {
    mine->user_given = user->count() > 0;  // the options do not live as long as the action
    mine->prefix_given = prefix->count() > 0;
    chosen = [mine](output& out) { return mine->run(out); };
  });
}
