#include <memory>
#include <string>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/copies.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"

namespace {

struct save_command {
  common_options common;
  std::string target_argument;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const std::string target = plain(target_argument);
    if (target.empty()) throw usage_error("the name of the copy is empty");
    const copy_counts counts = copied(path, target, out);
    // With "-" standard output is the copy.
    if (target != "-") {
      out.line(saved_text(target, counts, common.json));
    } else if (!common.json) {
      complain(saved_text("standard output", counts, false));
    }
    return exit_status::ok;
  }

  static copy_counts copied(const std::string& path, const std::string& target, output& out) {
    if (target == "-") {
      opened file(path, purpose::reading);
      return save_copy(file, path, target, out);
    }
    interrupts signals;
    opened file(path, purpose::reading);
    // The file that is being written is removed on the way out.
    signals.stop_with([&file] { file.files().stop_writing(); });
    const struct disarm {
      interrupts& signals;
      ~disarm() {
        signals.stop_with([] {});
      }
    } disarms{signals};
    try {
      return save_copy(file, path, target, out);
    } catch (const buntdb::error&) {
      if (signals.received() == 0) throw;
      throw interrupted(signals.received(), "interrupted; " + target + " was not written");
    }
  }
};

}  // namespace

void add_save(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("save", "Write a copy of the database");
  auto mine = std::make_shared<save_command>();
  mine->common.add_file(*command);
  command->add_option("TARGET", mine->target_argument, "the copy; - writes to standard output")
      ->required()
      ->type_name("");
  mine->common.add_json(*command, "print a JSON object: items, bytes (not with -)");
  command->footer(R"(
The copy shows one moment of the database, is a database itself, and has the indexes that the file
keeps. It has its name only when it is complete and on disk, instead of a file that had it: a save
that fails or is interrupted leaves that as it was. Works while another process has the database
open; refuses a TARGET that is open itself (exit code 3).

Examples:
  buntdb save app.db backup.db
  buntdb save app.db - | gzip > backup.db.gz)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
