#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/copies.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

struct save_command {
  common_options common;
  std::string target_argument;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const std::string target = plain(target_argument);
    if (target.empty()) throw usage_error("the name of the copy is empty");
    if (target != "-") {
      if (const auto server = live_server::of(common, use::reading))
        return save_live(*server, target, out);
    }
    const copy_counts counts = copied(path, target, out);
    // With "-" the copy goes to standard output.
    if (target != "-") {
      out.line(saved_text(target, counts, common.json));
    } else if (!common.json) {
      complain(saved_text("standard output", counts, false));
    }
    return exit_status::ok;
  }

  /// The server writes the copy.
  exit_status save_live(live_server& server, const std::string& target, output& out) const {
    const std::filesystem::path copy = std::filesystem::absolute(target);
    server.ask({"save", copy.string()});
    std::error_code elsewhere;  // the server may see another folder under this name
    const std::uint64_t bytes = std::filesystem::file_size(copy, elsewhere);
    if (common.json) {
      out.line(json_line(json{{"bytes", elsewhere ? json(nullptr) : json(bytes)}}));
    } else {
      out.line(printable(target) + ": saved by the server" +
               (elsewhere ? "" : ", " + size_text(bytes)));
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
    // The file that is being written is removed at the end.
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
  mine->common.add_via(*command);
  command->add_option("TARGET", mine->target_argument, "the copy; - writes to standard output")
      ->required()
      ->type_name("");
  mine->common.add_json(*command, "print a JSON object: items, bytes (not with -)");
  command->footer(R"(
The copy shows one moment of the database, is a database itself, and has the indexes that the file
keeps. It has its name only when it is complete and on disk, instead of a file that had it: a save
that fails or is interrupted leaves that as it was. Works while another process has the database
open, which writes the copy itself if it has a control socket and TARGET is not -. Refuses a TARGET
that is open itself (exit code 3).

Examples:
  buntdb save app.db backup.db
  buntdb save app.db - | gzip > backup.db.gz)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
