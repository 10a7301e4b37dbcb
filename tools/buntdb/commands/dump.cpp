#include <atomic>
#include <memory>
#include <optional>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "command_line/range_options.hpp"
#include "files/opened.hpp"
#include "output/progress.hpp"
#include "text/json_text.hpp"

namespace {

struct dump_command {
  common_options common;
  range_options range;

  exit_status run(output& out) const {
    opened file(common.file(), purpose::reading);
    const buntdb::snapshot view = file.database().begin_read();
    const std::uint64_t total = range.is_everything() ? view.size() : 0;
    std::atomic<std::uint64_t> done = 0;
    // On a terminal the lines themselves show the progress.
    std::optional<progress> bar;
    if (!out.terminal()) {
      bar.emplace("Dumping " + common.file(), progress_unit::items, [&] {
        return progress_state{done, total};
      });
    }
    range.for_each(view, common, [&](const buntdb::entry& entry) {
      json object;
      put_bytes(object, "key", entry.key, common.bytes());
      put_bytes(object, "value", entry.value, common.bytes());
      const auto found = view.find(entry.key);
      const buntdb::time_point expires = found ? found->expires_at : buntdb::time_point::max();
      object["ttl_ms"] = ttl_ms(view.ttl(entry.key).value_or(buntdb::forever));
      object["expires_at_ms"] = unix_ms(expires);
      out.line(json_line(object));
      ++done;
    });
    return exit_status::ok;
  }
};

}  // namespace

void add_dump(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("dump", "Print all items as JSON lines");
  auto mine = std::make_shared<dump_command>();
  mine->common.add_file(*command);
  mine->range.add_to(*command);
  mine->common.add_base64(*command, "the keys of options are in base64, and so is what is printed");
  mine->common.add_json(*command, "changes nothing: the output is JSON anyway");
  command->footer(R"(
One object a line: {"key":…,"value":…,"ttl_ms":…,"expires_at_ms":…}. What is not UTF-8 is in base64,
under the names key_base64 and value_base64. The time to live, and the moment of its end in
milliseconds since 1970, are null for what does not expire. "restore" reads this. Indexes are not in
it: "save" copies them, too.
Shows one moment of the database, and works while another process has it open.

Examples:
  buntdb dump app.db > app.jsonl
  buntdb dump app.db --prefix user: | jq -r .value)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
