#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "output/terminal_text.hpp"
#include "sessions/actions.hpp"
#include "sessions/session_text.hpp"
#include "text/printable.hpp"
#include "text/times.hpp"

namespace {

void print_table(output& out, const std::vector<stored_session>& rows) {
  constexpr std::size_t max_user_columns = 24;
  // Enough to distinguish any two ids, and accepted wherever an ID is expected. In a pipe the ids
  // are complete.
  constexpr std::size_t id_columns = 12;
  const buntdb::time_point moment = std::chrono::system_clock::now();
  const auto user_of = [](const stored_session& session) {
    if (session.state == session_state::live) {
      return session.user.empty() ? std::string("-") : printable(session.user);
    }
    return "(" + std::string(name_of(session.state)) + ")";
  };
  std::size_t user_columns = 4;
  for (const stored_session& session : rows)
    user_columns = std::max(user_columns, columns_of(user_of(session)));
  user_columns = std::min(user_columns, max_user_columns);
  const std::size_t width = terminal_width();
  const bool colours = shows_colours(out);
  const auto line = [&](const std::string& id, const std::string& user, const std::string& seen,
                        const std::string& ends, const std::string& where) {
    std::string text = padded(id, id_columns) + "  " +
                       padded(fitted(user, user_columns), user_columns) + "  " + padded(seen, 9) +
                       "  " + padded(ends, 7) + "  " + where;
    while (text.ends_with(' '))
      text.pop_back();
    return fitted(text, width);
  };
  out.line(coloured(line("ID", "USER", "SEEN", "ENDS IN", "WHERE"), colour::bold, colours));
  for (const stored_session& session : rows) {
    out.line(line(session.id.substr(0, id_columns), user_of(session),
                  session.seen ? span_text(moment - *session.seen) + " ago" : "-",
                  session.expires_at == buntdb::time_point::max()
                      ? "never"
                      : span_text(session.expires_at - moment),
                  printable(session.where)));
  }
}

}  // namespace

exit_status list_sessions(const session_options& options, output& out) {
  std::uint64_t left = options.limit.value();
  std::vector<stored_session> rows;
  const bool as_table = out.terminal() && !options.common.json;
  options.for_each(values_wanted::no, [&](stored_session& session) {
    if (session.state == session_state::renewed && !options.all) return true;
    if (left == 0) return false;
    --left;
    if (options.common.json) {
      out.line(json_line(as_json(session)));
    } else if (as_table) {
      rows.push_back(std::move(session));
    } else {
      out.line(session.id + "\t" + std::string(name_of(session.state)) + "\t" +
               printable(session.user) + "\t" + (session.seen ? moment_text(*session.seen) : "") +
               "\t" + expiry_text(session.expires_at) + "\t" + printable(session.where));
    }
    return true;
  });
  if (as_table) print_table(out, rows);
  return exit_status::ok;
}
