#include <memory>
#include <string>

#include <buntdb/transaction.hpp>

#include "command_line/commands.hpp"
#include "commands/one_key.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"

namespace {

exit_status get(const one_key& what, output& out) {
  const common_options& common = what.common;
  return what.look_up(out, [&](const buntdb::snapshot& view, const std::string& key,
                               const buntdb::found_item& found) {
    if (common.json) {
      json object;
      put_bytes(object, "key", key, common.bytes());
      put_bytes(object, "value", found.value, common.bytes());
      object["ttl_ms"] = ttl_ms(view.ttl(key).value_or(buntdb::forever));
      out.line(object.dump());
    } else if (common.base64) {
      out.line(to_base64(found.value));
    } else {
      out.write(found.value);
      if (out.terminal()) out.write("\n");
    }
  });
}

}  // namespace

void add_get(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("get", "Print a value");
  auto what = std::make_shared<one_key>();
  what->add_to(*command, "KEY is in base64, and so is what is printed",
               "print a JSON object: key, value, ttl_ms; null without the key");
  command->footer(R"(
The value's bytes are printed as they are; a line end is added on a terminal only.
Works while another process has the database open. Exit code 1: there is no such key.

Examples:
  buntdb get app.db user:1
  buntdb get app.db photo:1 > photo.jpg
  buntdb get app.db user:1 --json
  buntdb get app.db --base64 AAEC)");
  command->callback([what, &chosen] { chosen = [what](output& out) { return get(*what, out); }; });
}
