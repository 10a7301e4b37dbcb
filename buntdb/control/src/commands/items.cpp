// get, item, pttl, set, del.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "commands/arguments.hpp"
#include "commands/built_in.hpp"
#include "commands/writing.hpp"

namespace buntdb::control {

namespace {

using std::chrono::milliseconds;

std::int64_t unix_ms(time_point moment) {
  return std::chrono::floor<milliseconds>(moment.time_since_epoch()).count();
}

set_options expiry_of(argument_reader& arguments) {
  using std::chrono::seconds;
  using std::chrono::sys_time;
  set_options options;
  if (arguments.take_word("ex")) {
    options.ttl = seconds(arguments.next_signed_number());
  } else if (arguments.take_word("px")) {
    options.ttl = milliseconds(arguments.next_signed_number());
  } else if (arguments.take_word("exat")) {
    options.expires_at = sys_time<seconds>(seconds(arguments.next_signed_number()));
  } else if (arguments.take_word("pxat")) {
    options.expires_at = sys_time<milliseconds>(milliseconds(arguments.next_signed_number()));
  }
  arguments.expect_end();
  return options;
}

void get(database& db, control_call& call) {
  argument_reader arguments(call.arguments(), "get KEY");
  const auto found = db.find(arguments.next());
  arguments.expect_end();
  if (!found) return call.reply().null();
  call.reply().text(found->value);
}

void item(database& db, control_call& call) {
  argument_reader arguments(call.arguments(), "item KEY");
  const auto found = db.find(arguments.next());
  arguments.expect_end();
  control_reply& reply = call.reply();
  if (!found) return reply.null();
  reply.array(4);
  reply.text("value");
  reply.text(found->value);
  reply.text("expires_at_ms");
  if (found->expires_at == time_point::max()) return reply.null();
  reply.integer(unix_ms(found->expires_at));
}

/// Answers like Redis's PTTL.
void pttl(database& db, control_call& call) {
  argument_reader arguments(call.arguments(), "pttl KEY");
  const snapshot view = db.begin_read();
  const auto found = view.find(arguments.next());
  arguments.expect_end();
  constexpr std::int64_t absent = -2;
  constexpr std::int64_t forever_there = -1;
  if (!found) return call.reply().integer(absent);
  if (found->expires_at == time_point::max()) return call.reply().integer(forever_there);
  call.reply().integer(std::chrono::floor<milliseconds>(found->expires_at - view.now()).count());
}

constexpr const char* set_usage =
    "set KEY VALUE [ex SECONDS|px MILLISECONDS|exat UNIX-SECONDS|pxat UNIX-MILLISECONDS]";

void set(const command_context& context, control_call& call) {
  argument_reader arguments(call.arguments(), set_usage);
  const std::string& key = arguments.next();
  const std::string& value = arguments.next();
  const set_options options = expiry_of(arguments);
  if (!update_within(context.db, context.write_timeout,
                     [&](transaction& tx) { tx.set(key, value, options); })) {
    return call.reply().error("BUSY", busy_message);
  }
  call.reply().status("OK");
}

void del(const command_context& context, control_call& call) {
  const auto keys = call.arguments();
  if (keys.empty()) argument_reader(keys, "del KEY...").refuse();
  std::vector<bool> was_there;
  if (!update_within(context.db, context.write_timeout, [&](transaction& tx) {
        for (const std::string& key : keys)
          was_there.push_back(tx.erase(key).has_value());
      })) {
    return call.reply().error("BUSY", busy_message);
  }
  call.reply().array(was_there.size());
  for (const bool each : was_there)
    call.reply().integer(each ? 1 : 0);
}

}  // namespace

void add_item_commands(std::vector<control_command>& to, const command_context& context) {
  database& db = context.db;
  to.push_back({"get", "get KEY", [&db](control_call& call) { get(db, call); }});
  to.push_back({"item", "item KEY", [&db](control_call& call) { item(db, call); }});
  to.push_back({"pttl", "pttl KEY", [&db](control_call& call) { pttl(db, call); }});
  to.push_back({"set", set_usage, [context](control_call& call) { set(context, call); }});
  to.push_back({"del", "del KEY...", [context](control_call& call) { del(context, call); }});
}

}  // namespace buntdb::control
