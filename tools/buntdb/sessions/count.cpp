#include <cstdint>
#include <set>
#include <string>

#include "sessions/actions.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

exit_status count_sessions(const session_options& options, output& out) {
  std::uint64_t live = 0;
  std::uint64_t of_nobody = 0;
  std::uint64_t renewed = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t tokens = 0;
  std::uint64_t bytes = 0;
  std::set<std::string> users;
  options.for_each(values_wanted::no, [&](const stored_session& session) {
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
  if (options.common.json) {
    out.line(json_line(json{{"sessions", live},
                            {"users", users.size()},
                            {"of_nobody", of_nobody},
                            {"renewed", renewed},
                            {"unreadable", unreadable},
                            {"keys_that_are_tokens", tokens},
                            {"payload_bytes", bytes}}));
    return exit_status::ok;
  }
  out.line(printable(options.common.file()));
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
