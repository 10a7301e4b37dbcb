#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <buntdb/database.hpp>

#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "sessions/actions.hpp"
#include "sessions/renewals.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

/// Erases the sessions, those to which they were renewed, and the tombstones that lead to them.
/// Returns how many of those were live.
std::uint64_t erase(buntdb::transaction& tx, const std::optional<std::string>& prefix,
                    const std::vector<stored_session>& named) {
  std::map<std::string, stored_session> all_sessions;
  for_each_session(tx, {.prefix = prefix}, [&](stored_session& session) {
    std::string key = session.key;
    // The sessions of other users may not be reached from here.
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

namespace {

struct erased_sessions {
  std::uint64_t ended = 0;
  std::vector<std::string> removed_files;
};

erased_sessions erase_in_file(const session_options& options) {
  interrupts signals;
  opened file(options.common.file(), purpose::changing);
  signals.stop_with([] {});  // the rest is completed
  std::vector<stored_session> found;
  buntdb::transaction tx = file.database().begin();
  options.for_each(tx, values_wanted::no, [&](stored_session& session) {
    found.push_back(std::move(session));
    return true;
  });
  erased_sessions done{erase(tx, options.prefix(), found), {}};
  tx.commit();
  done.removed_files = file.database().purge();
  file.database().close();
  return done;
}

erased_sessions erase_live(live_server& server, const session_options& options) {
  std::vector<std::string> request{"sessions", "revoke"};
  if (const auto prefix = options.prefix()) request.insert(request.end(), {"prefix", *prefix});
  request.insert(request.end(), {"user", options.user()});
  erased_sessions done{static_cast<std::uint64_t>(server.ask(request).integer), {}};
  for (const reply& file : server.ask({"purge"}).elements)
    done.removed_files.push_back(file.text);
  return done;
}

}  // namespace

exit_status erase_user(const session_options& options, output& out) {
  const auto server = live_server::of(options.common, use::writing);
  const erased_sessions done = server ? erase_live(*server, options) : erase_in_file(options);
  if (options.common.json) {
    json object{{"revoked", done.ended}};
    json& files = object["removed_files"] = json::array();
    for (const std::string& each : done.removed_files)
      files.push_back(json_safe(each));
    out.line(json_line(object));
    return exit_status::ok;
  }
  out.line(printable(options.common.file()) + ": " + std::to_string(done.ended) +
           (done.ended == 1 ? " session" : " sessions") +
           " ended, and what is no longer in the database removed from the file");
  for (const std::string& each : done.removed_files)
    out.line("  removed  " + printable(each));
  return exit_status::ok;
}

namespace {

/// Prints the result.
exit_status report_revoked(const session_options& options, std::uint64_t revoked,
                           exit_status status, output& out) {
  if (options.common.json) {
    out.line(json_line(json{{"revoked", revoked}}));
  } else {
    out.line(printable(options.common.file()) + ": " + std::to_string(revoked) +
             (revoked == 1 ? " session" : " sessions") + " revoked");
  }
  return status;
}

exit_status complain_of_user(const session_options& options) {
  complain(options.common.file() + " has no session of user '" + options.user() + "'");
  return exit_status::finding;
}

/// Ends the sessions through the manager of the running server, as the application does.
exit_status revoke_live(live_server& server, const session_options& options, output& out) {
  std::vector<std::string> request{"sessions", "revoke"};
  if (const auto prefix = options.prefix()) request.insert(request.end(), {"prefix", *prefix});
  exit_status status = exit_status::ok;
  if (options.all) {
    request.emplace_back("all");
  } else if (options.user_given) {
    request.insert(request.end(), {"user", options.user()});
  } else {
    const auto visit_all = [&](const session_options::visitor& visit) {
      options.for_each(server, values_wanted::no, visit);
    };
    const std::vector<stored_session> found = options.named(visit_all, status);
    if (found.empty()) return report_revoked(options, 0, status, out);
    request.emplace_back("id");
    for (const stored_session& session : found)
      request.push_back(session.id);
  }
  const auto revoked = static_cast<std::uint64_t>(server.ask(request).integer);
  if (options.user_given && revoked == 0) status = complain_of_user(options);
  return report_revoked(options, revoked, status, out);
}

exit_status revoke_in_file(const session_options& options, output& out) {
  const std::string path = options.common.file();
  interrupts signals;
  opened file(path, purpose::changing);
  signals.stop_with([] {});  // the rest is completed
  exit_status status = exit_status::ok;
  buntdb::transaction tx = file.database().begin();
  std::vector<stored_session> found;
  const auto visit_all = [&](const session_options::visitor& visit) {
    options.for_each(tx, values_wanted::no, visit);
  };
  if (options.id_arguments.empty()) {
    visit_all([&](stored_session& session) {
      found.push_back(std::move(session));
      return true;
    });
    if (found.empty() && options.user_given) status = complain_of_user(options);
  } else {
    found = options.named(visit_all, status);
  }
  const std::uint64_t revoked = erase(tx, options.prefix(), found);
  tx.commit();
  file.database().close();
  return report_revoked(options, revoked, status, out);
}

}  // namespace

exit_status revoke_sessions(const session_options& options, output& out) {
  const int ways =
      (options.id_arguments.empty() ? 0 : 1) + (options.user_given ? 1 : 0) + (options.all ? 1 : 0);
  if (ways != 1) throw usage_error("sessions revoke takes IDs, or --user, or --all");
  if (const auto server = live_server::of(options.common, use::writing)) {
    return revoke_live(*server, options, out);
  }
  return revoke_in_file(options, out);
}
