#include <memory>
#include <string>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "output/progress.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

struct sizes {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

sizes compact(const std::string& path) {
  interrupts signals;
  const auto found = buntdb::io::file_system::native().status(path);
  opened file(path, purpose::changing);
  buntdb::database& db = file.database();
  signals.stop_with([&db] {
    try {
      db.close();  // a running compaction stops, and removes what it has written
    } catch (const buntdb::error& failure) {
      complain(failure.what());
    }
  });
  // Disarmed before the database is destroyed, which was declared earlier.
  const struct disarm {
    interrupts& signals;
    ~disarm() {
      signals.stop_with([] {});
    }
  } disarms{signals};
  sizes result{.before = found ? found->size : 0};
  try {
    const auto& counted = file.files().counted();
    const std::uint64_t begin = counted.written;
    const std::uint64_t total = db.stats().live_bytes;
    const progress bar("Writing " + path, progress_unit::bytes, [&counted, begin, total] {
      return progress_state{counted.written - begin, total};
    });
    db.compact();
    result.after = db.stats().file_bytes;
    db.close();
  } catch (const buntdb::error& failure) {
    if (failure.code() == buntdb::errc::closed && signals.received() != 0) {
      throw interrupted(signals.received(), "interrupted; " + path + " is whole");
    }
    throw;
  }
  return result;
}

sizes compact_live(live_server& server) {
  const reply done = server.ask({"compact"});
  return {.before = count_in(done, "bytes_before"), .after = count_in(done, "bytes_after")};
}

struct compact_command {
  common_options common;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const auto server = live_server::of(common, use::writing);
    const sizes result = server ? compact_live(*server) : compact(path);
    if (common.json) {
      out.line(json_line(json{{"bytes_before", result.before}, {"bytes_after", result.after}}));
    } else {
      out.line(printable(path) + ": " + size_text(result.before) + " before, " +
               size_text(result.after) + " after");
    }
    return exit_status::ok;
  }
};

}  // namespace

void add_compact(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand(
      "compact", "Write the file anew, without what has been overwritten, deleted and expired");
  command->alias("shrink");  // BuntDB's name for it
  auto mine = std::make_shared<compact_command>();
  mine->common.add_file(*command);
  mine->common.add_via(*command);
  mine->common.add_json(*command, "print a JSON object: bytes_before, bytes_after");
  command->footer(R"(
The new file takes the old one's place when it is on disk; until then, and if it fails or is
interrupted, the old one stays. A file that another process has open is compacted by that process,
which is asked through its control socket; without one, exit code 3. A very small file may grow by
the checksums that the new one has.

Examples:
  buntdb compact app.db
  buntdb compact app.db --json)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
