#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <buntdb/database.hpp>

#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "sessions/actions.hpp"
#include "sessions/renewals.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

/// Erases them, what they were renewed to, and the tombstones that lead to them; returns how many
/// of those were live.
std::uint64_t erase(buntdb::transaction& tx, const std::optional<std::string>& prefix,
                    const std::vector<stored_session>& named) {
  std::map<std::string, stored_session> all_sessions;
  for_each_session(tx, prefix, values_wanted::no, [&](stored_session& session) {
    std::string key = session.key;
    // Those of other users may not be reached from here.
    all_sessions.emplace(std::move(key), std::move(session));
    return true;
  });
  std::vector<std::string> keys;
  for (const stored_session& session : named)
    keys.push_back(session.key);
  std::uint64_t live = 0;
  for (const std::string& key : with_renewals(all_sessions, keys)) {
    const auto session = all_sessions.find(key);
    if (tx.erase(key) && session != all_sessions.end() &&
        session->second.state != session_state::renewed) {
      ++live;
    }
  }
  return live;
}

}  // namespace

exit_status erase_user(const session_options& options, output& out) {
  const std::string path = options.common.file();
  interrupts signals;
  opened file(path, purpose::changing);
  signals.stop_with([] {});  // what is left is done whole
  std::vector<stored_session> found;
  buntdb::transaction tx = file.database().begin();
  options.for_each(tx, values_wanted::no, [&](stored_session& session) {
    found.push_back(std::move(session));
    return true;
  });
  const std::uint64_t ended = erase(tx, options.prefix(), found);
  tx.commit();
  const std::vector<std::string> removed = file.database().purge();
  file.database().close();
  if (options.common.json) {
    json object{{"revoked", ended}};
    json& files = object["removed_files"] = json::array();
    for (const std::string& each : removed)
      files.push_back(json_safe(each));
    out.line(json_line(object));
    return exit_status::ok;
  }
  out.line(printable(path) + ": " + std::to_string(ended) +
           (ended == 1 ? " session" : " sessions") +
           " ended, and what is no longer in the database removed from the file");
  for (const std::string& each : removed)
    out.line("  removed  " + printable(each));
  return exit_status::ok;
}

exit_status revoke_sessions(const session_options& options, output& out) {
  if (options.id_arguments.empty() == !options.user_given) {
    throw usage_error("sessions revoke takes either IDs or --user");
  }
  const std::string path = options.common.file();
  interrupts signals;
  opened file(path, purpose::changing);
  signals.stop_with([] {});  // what is left is done whole
  exit_status status = exit_status::ok;
  buntdb::transaction tx = file.database().begin();
  std::vector<stored_session> found;
  if (options.id_arguments.empty()) {
    options.for_each(tx, values_wanted::no, [&](stored_session& session) {
      found.push_back(std::move(session));
      return true;
    });
    if (found.empty()) {
      complain(path + " has no session of user '" + options.user() + "'");
      status = exit_status::finding;
    }
  } else {
    found = options.named(tx, values_wanted::no, status);
  }
  const std::uint64_t revoked = erase(tx, options.prefix(), found);
  tx.commit();
  file.database().close();
  if (options.common.json) {
    out.line(json_line(json{{"revoked", revoked}}));
  } else {
    out.line(printable(path) + ": " + std::to_string(revoked) +
             (revoked == 1 ? " session" : " sessions") + " revoked");
  }
  return status;
}
