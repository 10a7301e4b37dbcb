// stats, sync, compact, purge, save.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/arguments.hpp"
#include "commands/built_in.hpp"

namespace buntdb::control {

namespace {

void expect_no_arguments(control_call& call, std::string_view usage) {
  argument_reader(call.arguments(), usage).expect_end();
}

using figures_list = std::vector<std::pair<std::string_view, std::optional<std::int64_t>>>;

void write(const figures_list& figures, control_reply& to) {
  to.array(2 * figures.size());
  for (const auto& [name, figure] : figures) {
    to.text(name);
    if (figure) {
      to.integer(*figure);
    } else {
      to.null();
    }
  }
}

void stats(const database& db, control_call& call) {
  expect_no_arguments(call, "stats");
  const statistics now = db.stats();
  const auto count = [](std::uint64_t figure) { return static_cast<std::int64_t>(figure); };
  const auto ms = [](const std::optional<time_point>& moment) -> std::optional<std::int64_t> {
    if (!moment) return std::nullopt;
    return std::chrono::floor<std::chrono::milliseconds>(moment->time_since_epoch()).count();
  };
  write({{"items", count(now.items)},
         {"memory_bytes", count(now.memory_bytes)},
         {"max_memory_bytes", count(now.max_memory_bytes)},
         {"memory_blocks", count(now.memory_blocks)},
         {"reserved_bytes", count(now.reserved_bytes)},
         {"file_bytes", count(now.file_bytes)},
         {"live_bytes", count(now.live_bytes)},
         {"pinned_versions", count(now.pinned_versions)},
         {"compactions", count(now.compactions)},
         {"compaction_due", now.compaction_due ? 1 : 0},
         {"can_compact", now.can_compact ? 1 : 0},
         {"last_sync_ms", ms(now.last_sync)},
         {"last_compaction_ms", ms(now.last_compaction)},
         {"recovered_bytes", count(now.recovered_bytes)},
         {"dropped_calls", count(now.dropped_calls)}},
        call.reply());
}

void compact(database& db, control_call& call) {
  expect_no_arguments(call, "compact");
  const std::uint64_t before = db.stats().file_bytes;
  db.compact();
  write({{"bytes_before", static_cast<std::int64_t>(before)},
         {"bytes_after", static_cast<std::int64_t>(db.stats().file_bytes)}},
        call.reply());
}

void purge(database& db, control_call& call) {
  expect_no_arguments(call, "purge");
  const std::vector<std::string> removed = db.purge();
  call.reply().array(removed.size());
  for (const std::string& each : removed)
    call.reply().text(each);
}

void save(const database& db, control_call& call) {
  argument_reader arguments(call.arguments(), "save PATH");
  const std::filesystem::path path = arguments.next();
  arguments.expect_end();
  // A client does not know the server's working directory.
  if (!path.is_absolute()) {
    throw error(errc::invalid_argument, "save takes an absolute path; the server writes the copy");
  }
  db.save(path);
  call.reply().status("OK");
}

}  // namespace

void add_upkeep_commands(std::vector<control_command>& to, const command_context& context) {
  database& db = context.db;
  to.push_back({"stats", "stats", [&db](control_call& call) { stats(db, call); }});
  to.push_back({"sync", "sync", [&db](control_call& call) {
                  expect_no_arguments(call, "sync");
                  db.sync();
                  call.reply().status("OK");
                }});
  to.push_back({"compact", "compact", [&db](control_call& call) { compact(db, call); }});
  to.push_back({"purge", "purge", [&db](control_call& call) { purge(db, call); }});
  to.push_back({"save", "save PATH", [&db](control_call& call) { save(db, call); }});
}

}  // namespace buntdb::control
