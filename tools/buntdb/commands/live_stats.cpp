#include "commands/live_stats.hpp"

#include <chrono>
#include <string>

#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "text/times.hpp"

namespace {

std::optional<buntdb::time_point> moment_in_ms(const reply& figures, std::string_view name) {
  const reply& found = member_of(figures, name);
  if (found.type != reply::kind::integer) return std::nullopt;
  return buntdb::time_point(std::chrono::milliseconds(found.integer));
}

json as_json(const reply& figures, const reply& server, const std::string& path) {
  json object{{"file", json_safe(path)}};
  object["open_in_process"] = count_in(server, "process");
  for (const char* name :
       {"items", "memory_bytes", "max_memory_bytes", "reserved_bytes", "file_bytes", "live_bytes"})
    object[name] = count_in(figures, name);
  const std::uint64_t file = count_in(figures, "file_bytes");
  const std::uint64_t live = count_in(figures, "live_bytes");
  object["dead_bytes"] = file > live ? file - live : 0;
  for (const char* name : {"pinned_versions", "compactions", "recovered_bytes", "dropped_calls"})
    object[name] = count_in(figures, name);
  for (const char* name : {"compaction_due", "can_compact"})
    object[name] = count_in(figures, name) != 0;
  for (const auto& [member, name] : {std::pair{"last_sync", "last_sync_ms"},
                                     std::pair{"last_compaction", "last_compaction_ms"}}) {
    const auto moment = moment_in_ms(figures, name);
    object[member] = moment ? json(moment_text(*moment)) : json(nullptr);
  }
  return object;
}

}  // namespace

void print_live_stats(live_server& server, const common_options& common, output& out) {
  const reply figures = server.ask({"stats"});
  const reply about = server.ask({"server"});
  const std::string path = common.file();
  if (common.json) return out.line(json_line(as_json(figures, about, path)));
  const std::uint64_t file = count_in(figures, "file_bytes");
  const std::uint64_t live = count_in(figures, "live_bytes");
  const std::uint64_t limit = count_in(figures, "max_memory_bytes");
  const auto moment = [&](const char* name) {
    const auto found = moment_in_ms(figures, name);
    return found ? moment_text(*found) : std::string("not yet");
  };
  out.line(printable(path));
  out.line("  open     in process " + std::to_string(count_in(about, "process")));
  out.line("  items    " + std::to_string(count_in(figures, "items")) +
           ", those included that have expired in the last second");
  out.line("  memory   " + size_text(count_in(figures, "memory_bytes")) +
           (limit == 0 ? ", without a limit" : ", of at most " + size_text(limit)));
  out.line("  reserved " + size_text(count_in(figures, "reserved_bytes")) +
           ", by the pool of memory for that");
  out.line("  file     " + size_text(file));
  out.line("  live     " + size_text(live) + ", the items themselves");
  out.line("  dead     " + size_text(file > live ? file - live : 0));
  out.line("  synced   " + moment("last_sync_ms"));
  out.line("  compacted " + std::to_string(count_in(figures, "compactions")) +
           " times since it was opened, last: " + moment("last_compaction_ms"));
  out.line("  versions " + std::to_string(count_in(figures, "pinned_versions")) +
           " kept for snapshots");
  if (count_in(figures, "can_compact") == 0)
    out.line("  The file cannot be compacted where it is.");
  const std::uint64_t dropped = count_in(figures, "dropped_calls");
  if (dropped > 0) {
    out.line("  dropped  " + std::to_string(dropped) +
             " calls of on_event and on_expired, which were too slow");
  }
}
