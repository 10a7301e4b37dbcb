#include <memory>
#include <string>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/copies.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"

namespace {

struct load_command {
  common_options common;
  std::string source_argument;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const std::string source = plain(source_argument);
    require_source(source);
    interrupts signals;
    opened file(path, purpose::writing);
    // Until here, a signal ends the tool without consequences. The rest is completed.
    signals.stop_with([] {});
    const copy_counts counts = load_copy(file, path, source);
    file.database().close();
    out.line(loaded_text(path, source, counts, common.json));
    return exit_status::ok;
  }

  /// Checked before FILE would be created in vain.
  static void require_source(const std::string& source) {
    if (source.empty()) throw usage_error("the name of the source is empty");
    if (source == "-") return;
    buntdb::io::file_system::native().open(source, buntdb::io::open_mode::read_only);
  }
};

}  // namespace

void add_load(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("load", "Take in a copy, creating the file if need be");
  auto mine = std::make_shared<load_command>();
  mine->common.add_file(*command);
  command->add_option("SOURCE", mine->source_argument, "the copy; - reads standard input")
      ->required()
      ->type_name("");
  mine->common.add_json(*command,
                        "print a JSON object: items_before, items_after, added, replaced, bytes");
  command->footer(R"(
The copy is what save has written, or any database file, BuntDB's too. All its items are set in one
transaction, what else is in FILE stays. A copy that is damaged or torn is refused, and nothing is
changed. Takes memory for both. Needs FILE for itself: exit code 3 if another process has it open.

Examples:
  buntdb load app.db backup.db
  gunzip < backup.db.gz | buntdb load app.db -)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
