#include "sessions/session_options.hpp"

#include <map>
#include <utility>

#include <buntstore/internal/ascii.hpp>

#include "output/output.hpp"

namespace {

constexpr std::size_t fingerprint_size_min = 4;

}  // namespace

std::function<void()> session_options::add_to(CLI::App& command) {
  common.add_file(command);
  command.add_option("ACTION", action_argument, "list, show, revoke, erase, count or by-user")
      ->required()
      ->type_name("list|show|revoke|erase|count|by-user");
  command.add_option("ID", id_arguments, "which sessions: with show and revoke")->type_name("");
  const CLI::Option* user =
      command.add_option("--user", user_argument, "only this user's sessions")->type_name("NAME");
  const CLI::Option* prefix =
      command
          .add_option("--prefix", prefix_argument,
                      "only sessions of the store with this prefix (bunt_options::prefix)")
          ->type_name("TEXT");
  limit.add_to(command);
  command.add_flag("--all", all, "list: the tombstones of renewed sessions, too");
  command.add_flag("--values", values, "show: print the values; they may be secrets");
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
  for (const std::string& argument : id_arguments) {
    std::string id = plain(argument);
    for (char& c : id)
      c = buntstore::text::ascii_lower(c);
    found.push_back(std::move(id));
  }
  return found;
}

void session_options::check() const {
  const std::string action = this->action();
  const bool takes_ids = action == "show" || action == "revoke";
  if (!takes_ids && !id_arguments.empty()) {
    throw usage_error("sessions " + action + " takes no ID: '" + plain(id_arguments[0]) + "'");
  }
  if (action == "erase" && !user_given) throw usage_error("sessions erase needs --user");
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
}

void session_options::for_each(const buntdb::reader& items, values_wanted wanted,
                               const std::function<bool(stored_session&)>& visit) const {
  for_each_session(items, prefix(), wanted, [&](stored_session& session) {
    return (user_given && session.user != user()) || visit(session);
  });
}

std::vector<stored_session> session_options::named(const buntdb::reader& items,
                                                   values_wanted wanted,
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
