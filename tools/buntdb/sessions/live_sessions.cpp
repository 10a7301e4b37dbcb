#include "sessions/live_sessions.hpp"

#include <chrono>

namespace {

std::optional<buntdb::time_point> moment_in_ns(const reply& list, std::string_view name) {
  const reply& member = member_of(list, name);
  if (member.type != reply::kind::integer) return std::nullopt;
  return buntdb::time_point(std::chrono::nanoseconds(member.integer));
}

session_state state_named(std::string_view name) {
  if (name == name_of(session_state::live)) return session_state::live;
  if (name == name_of(session_state::renewed)) return session_state::renewed;
  return session_state::unreadable;
}

stored_session session_of(const reply& list) {
  stored_session session;
  session.id = member_of(list, "id").text;
  session.state = state_named(member_of(list, "state").text);
  session.user = member_of(list, "user").text;
  session.where = member_of(list, "where").text;
  session.created = moment_in_ns(list, "created_ns");
  session.seen = moment_in_ns(list, "seen_ns");
  session.expires_at = moment_in_ns(list, "expires_at_ns").value_or(buntdb::time_point::max());
  session.deadline = moment_in_ns(list, "deadline_ns").value_or(buntdb::time_point::max());
  session.prefix = member_of(list, "prefix").text;
  session.key_is_token = count_in(list, "key_is_token") != 0;
  session.payload_bytes = count_in(list, "bytes");
  session.value_count = count_in(list, "value_count");
  const reply& values = member_of(list, "values");
  for (std::size_t i = 0; i + 1 < values.elements.size(); i += 2)
    session.values.push_back({values.elements[i].text, values.elements[i + 1].text});
  return session;
}

}  // namespace

void for_each_live_session(live_server& server, const live_session_query& query,
                           const std::function<bool(stored_session&)>& visit) {
  std::vector<std::string> request{"sessions", "list", "all"};
  if (query.prefix) request.insert(request.end(), {"prefix", *query.prefix});
  if (query.user) request.insert(request.end(), {"user", *query.user});
  for (const std::string& id : query.ids)
    request.insert(request.end(), {"id", id});
  if (query.values == values_wanted::yes) request.emplace_back("values");
  server.ask_for_pages(request, [&](const reply& page) {
    for (const reply& each : page.elements) {
      stored_session session = session_of(each);
      if (!visit(session)) return false;
    }
    return true;
  });
}
