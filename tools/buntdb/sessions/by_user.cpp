#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sessions/actions.hpp"
#include "sessions/session_text.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

struct user_sessions {
  std::string user;
  std::uint64_t sessions = 0;
  std::optional<buntdb::time_point> last_seen;
};

}  // namespace

exit_status list_users_of_sessions(const session_options& options, output& out) {
  std::map<std::string, user_sessions> users;
  options.for_each(values_wanted::no, [&](const stored_session& session) {
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
  std::uint64_t left = options.limit.value();
  for (const user_sessions& row : rows) {
    if (left-- == 0) break;
    if (options.common.json) {
      json object;
      put_bytes(object, "user", row.user, spelling::as_they_are);
      object["sessions"] = row.sessions;
      object["last_seen"] = moment_or_null(row.last_seen);
      out.line(json_line(object));
    } else {
      out.line(std::to_string(row.sessions) + "\t" + printable(row.user));
    }
  }
  return exit_status::ok;
}
