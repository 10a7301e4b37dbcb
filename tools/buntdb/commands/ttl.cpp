#include <memory>
#include <string>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/opened.hpp"
#include "text/json_text.hpp"
#include "text/times.hpp"

namespace {

struct ttl_command {
  common_options common;
  std::string key_argument;

  exit_status run(output& out) const {
    const std::string key = common.decoded(key_argument, "KEY");
    opened file(common.file(), purpose::reading);
    const buntdb::snapshot view = file.database().begin_read();
    const auto found = view.find(key);
    if (!found) {
      if (common.json) out.line("null");
      complain(common.file() + " has no key '" + key + "'");
      return exit_status::finding;
    }
    const auto ttl = view.ttl(key).value_or(buntdb::forever);
    if (common.json) {
      json object;
      put_bytes(object, "key", key, common.bytes());
      object["ttl_ms"] = ttl_ms(ttl);
      object["expires_at"] =
          ttl == buntdb::forever ? json(nullptr) : json(moment_text(found->expires_at));
      out.line(object.dump());
    } else {
      out.line(ttl_text(ttl));
    }
    return exit_status::ok;
  }
};

}  // namespace

void add_ttl(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("ttl", "Print how many seconds a key has still to live");
  auto mine = std::make_shared<ttl_command>();
  mine->common.add_file(*command);
  command->add_option("KEY", mine->key_argument, "the key")->required()->type_name("");
  mine->common.add_base64(*command, "KEY is in base64");
  mine->common.add_json(*command,
                        "print a JSON object: key, ttl_ms, expires_at; null without the key");
  command->footer(R"(
Prints seconds with milliseconds, or "forever". In JSON "forever" is null.
Works while another process has the database open. Exit code 1: there is no such key.

Examples:
  buntdb ttl app.db session:1          prints 1799.500, for example
  buntdb ttl app.db session:1 --json)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
