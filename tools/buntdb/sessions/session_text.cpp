#include "sessions/session_text.hpp"

#include "text/times.hpp"

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
  object["id"] = session.id;
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
