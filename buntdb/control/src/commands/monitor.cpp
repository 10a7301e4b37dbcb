// monitor: the changes of the database as they are committed.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "commands/arguments.hpp"
#include "commands/built_in.hpp"

namespace buntdb::control {

namespace {

std::string_view name_of(change_kind kind) noexcept {
  switch (kind) {
    case change_kind::set:
      return "set";
    case change_kind::erased:
      return "del";
    case change_kind::expired:
      return "expired";
    case change_kind::missed:
      break;
  }
  return "missed";
}

void write(const change& happened, control_reply& to) {
  const bool is_set = happened.kind == change_kind::set;
  const bool is_missed = happened.kind == change_kind::missed;
  to.array(is_set ? 5 : 3);
  to.text(name_of(happened.kind));
  to.integer(static_cast<std::int64_t>(happened.revision));
  if (is_missed) return to.integer(static_cast<std::int64_t>(happened.missed));
  to.text(happened.key);
  if (!is_set) return;
  to.text(happened.value);
  if (happened.expires_at == time_point::max()) return to.null();
  to.integer(std::chrono::floor<std::chrono::milliseconds>(happened.expires_at.time_since_epoch())
                 .count());
}

void monitor(database& db, control_call& call) {
  constexpr std::chrono::milliseconds interval{100};
  argument_reader arguments(call.arguments(), "monitor [PATTERN]");
  const std::string pattern = arguments.at_end() ? "*" : arguments.next();
  arguments.expect_end();
  subscription changes = db.watch({.pattern = pattern});
  control_reply& reply = call.reply();
  reply.status("OK");
  reply.flush();
  while (!call.is_abandoned() && !changes.ended()) {
    std::optional<change> happened = changes.next_for(interval);
    if (!happened) continue;
    for (; happened; happened = changes.try_next())
      write(*happened, reply);
    reply.flush();
  }
}

}  // namespace

void add_monitor_command(std::vector<control_command>& to, const command_context& context) {
  to.push_back({"monitor", "monitor [PATTERN]",
                [&db = context.db](control_call& call) { monitor(db, call); }});
}

}  // namespace buntdb::control
