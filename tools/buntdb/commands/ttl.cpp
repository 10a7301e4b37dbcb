#include <memory>
#include <string>

#include <buntdb/expiry.hpp>

#include "command_line/commands.hpp"
#include "commands/one_key.hpp"
#include "text/json_text.hpp"
#include "text/times.hpp"

namespace {

exit_status ttl(const one_key& what, output& out) {
  const common_options& common = what.common;
  return what.look_up(out, [&](const one_key::found& found) {
    if (common.json) {
      json object;
      put_bytes(object, "key", found.key, common.bytes());
      object["ttl_ms"] = ttl_ms(found.ttl);
      object["expires_at"] =
          found.ttl == buntdb::forever ? json(nullptr) : json(moment_text(found.expires_at));
      out.line(json_line(object));
    } else {
      out.line(ttl_text(found.ttl));
    }
  });
}

}  // namespace

void add_ttl(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("ttl", "Print how many seconds a key has still to live");
  auto what = std::make_shared<one_key>();
  what->add_to(*command, "KEY is in base64",
               "print a JSON object: key, ttl_ms, expires_at; null without the key");
  command->footer(R"(
Prints seconds with milliseconds, or "forever". In JSON "forever" is null.
Works while another process has the database open. Exit code 1: there is no such key.

Examples:
  buntdb ttl app.db session:1          prints 1799.500, for example
  buntdb ttl app.db session:1 --json)");
  command->callback([what, &chosen] { chosen = [what](output& out) { return ttl(*what, out); }; });
}
