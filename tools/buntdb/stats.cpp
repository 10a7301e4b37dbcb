#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <buntdb/database.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "json_text.hpp"
#include "opened.hpp"
#include "printable.hpp"

namespace {

/// What is counted by going through the items.
struct contents {
  std::uint64_t items = 0;
  std::uint64_t expiring = 0;
  std::uint64_t key_bytes = 0;
  std::uint64_t value_bytes = 0;
};

contents count(const buntdb::snapshot& view) {
  contents sum;
  for (const buntdb::entry& entry : view.ascend()) {
    ++sum.items;
    if (view.ttl(entry.key) != buntdb::forever) ++sum.expiring;
    sum.key_bytes += entry.key.size();
    sum.value_bytes += entry.value.size();
  }
  return sum;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return {};
  return ", " +
         std::to_string(
             static_cast<int>(100 * static_cast<double>(part) / static_cast<double>(whole))) +
         "% of the file";
}

struct stats_command {
  common_options common;

  exit_status run(output& out) const {
    const std::string path = common.file();
    std::optional<long> holder = buntdb::io::file_system::posix()
                                     .open(path, buntdb::io::open_mode::read_only)
                                     ->lock_holder();
    opened file(path, purpose::reading);
    const buntdb::statistics figures = file.database().stats();
    const contents found = count(file.database().begin_read());
    const std::uint64_t dead =
        figures.file_bytes > figures.live_bytes ? figures.file_bytes - figures.live_bytes : 0;
    if (common.json) {
      out.line(json{{"file", json_safe(path)},
                    {"items", found.items},
                    {"expiring_items", found.expiring},
                    {"key_bytes", found.key_bytes},
                    {"value_bytes", found.value_bytes},
                    {"memory_bytes", figures.memory_bytes},
                    {"file_bytes", figures.file_bytes},
                    {"live_bytes", figures.live_bytes},
                    {"dead_bytes", dead},
                    {"open_in_process", holder ? json(*holder) : json(nullptr)}}
                   .dump());
      return exit_status::ok;
    }
    out.line(printable(path));
    out.line("  items    " + std::to_string(found.items) + ", " + std::to_string(found.expiring) +
             " of them with an expiry");
    out.line("  keys     " + size_text(found.key_bytes));
    out.line("  values   " + size_text(found.value_bytes));
    out.line("  memory   " + size_text(figures.memory_bytes) + ", when it is open");
    out.line("  file     " + size_text(figures.file_bytes));
    out.line("  live     " + size_text(figures.live_bytes) + ", the items themselves");
    out.line("  dead     " + size_text(dead) + percent(dead, figures.file_bytes));
    if (holder) out.line("  open     in process " + std::to_string(*holder));
    return exit_status::ok;
  }
};

}  // namespace

void add_stats(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("stats", "Print figures about the items and the file");
  auto mine = std::make_shared<stats_command>();
  mine->common.add_file(*command);
  mine->common.add_json(*command, "print a JSON object");
  command->footer(R"(
Works while another process has the database open.

Examples:
  buntdb stats app.db
  buntdb stats app.db --json)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
