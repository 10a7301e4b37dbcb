#include <string>

#include <scs/json_nesting.hpp>

#include "sessions/actions.hpp"
#include "sessions/session_text.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "text/times.hpp"

namespace {

/// Returns the kind and the size of a value, without its contents.
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

json outline_of(const session_value& value) {
  return {{"bytes", value.json.size()}, {"kind", kind_text(value.json)}};
}

/// The payload was checked, so this is JSON. A value that is nested too deeply to be copied and
/// written is returned as a text.
json contents_of(const session_value& value) {
  if (!scs::nests_deeper_than(value.json, scs::max_json_nesting)) return json::parse(value.json);
  json outline = outline_of(value);
  outline["json"] = value.json;
  return outline;
}

void print(output& out, const stored_session& session, bool values) {
  out.line(session.id);
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

}  // namespace

exit_status show_sessions(const session_options& options, output& out) {
  if (options.id_arguments.empty()) throw usage_error("sessions show: which? It takes IDs");
  exit_status status = exit_status::ok;
  const auto visit_all = [&](const session_options::visitor& visit) {
    options.for_each(values_wanted::yes, visit);
  };
  for (const stored_session& session : options.named(visit_all, status)) {
    if (options.common.json) {
      json object = as_json(session);
      json& members = object["data"] = json::object();
      for (const session_value& value : session.values) {
        members[json_safe(value.name)] = options.values ? contents_of(value) : outline_of(value);
      }
      out.line(json_line(object));
    } else {
      print(out, session, options.values);
    }
  }
  return status;
}
