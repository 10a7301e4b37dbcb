#include "storage/repair.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/error.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/watched_file_system.hpp"
#include "log/salvage.hpp"
#include "output/progress.hpp"
#include "sessions/stored_sessions.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

using buntdb::engine::lost_command;
using buntdb::engine::repair_report;
using buntdb::log::command_kind;
using buntdb::log::piece;
using buntdb::log::piece_kind;
using buntdb::log::salvage_plan;
using outcome = repair_report::outcome;

repair_report act(const std::string& path, bool only_look) {
  watched_file_system files;
  const auto found = files.status(path);
  const progress bar("Repairing " + path, progress_unit::bytes,
                     [&files, size = found ? found->size : 0]() -> progress_state {
                       const auto& counted = files.counted();
                       return {counted.position, counted.passes == 1 ? size : 0};
                     });
  if (only_look) return buntdb::engine::foresee_repair(files, path);
  return buntdb::engine::repair(files, path, buntdb::clock::system().now());
}

/// Returns what was wrong, without the advice for users who cannot repair it.
std::string what_was_wrong(const std::string& path, const repair_report& report) {
  const std::string& reason = report.before.damage->reason;
  return reason.substr(0, reason.find(". ", path.size()));
}

/// "1 command", "2 commands".
std::string count_text(std::uint64_t number, const std::string& what, const char* plural) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : plural);
}

std::string where(const piece& each) {
  return "offset " + std::to_string(each.offset) + ", " + size_text(each.size) + ": ";
}

void print_pieces(output& out, const salvage_plan& plan, piece_kind kind, std::string_view label) {
  for (const piece& each : plan.pieces) {
    if (each.kind == kind) out.line(std::string(label) + where(each) + printable(each.why));
  }
}

std::string numbers_text(const buntdb::log::missing_batches& range) {
  return range.first == range.last
             ? std::to_string(range.first)
             : std::to_string(range.first) + " to " + std::to_string(range.last);
}

constexpr std::size_t max_printed = 20;

/// Prints the commands in the bytes that were not kept: a lost change may have been a logout.
void print_lost(output& out, const buntdb::engine::lost_commands& lost) {
  const std::uint64_t count = lost.found.size() + lost.more;
  if (count == 0) return;
  out.line("  dropped   " + count_text(count, "change", "s") + ", as far as they can be read:");
  for (std::size_t i = 0; i < std::min(lost.found.size(), max_printed); ++i) {
    const lost_command& each = lost.found[i];
    out.line("              " + (each.kind == command_kind::clear
                                     ? std::string("everything erased")
                                     : (each.kind == command_kind::erase ? "erased " : "set ") +
                                           printable(without_token(each.key))));
  }
  if (count > max_printed) {
    out.line("              and " + std::to_string(count - max_printed) +
             " more: --json lists them");
  }
}

void print_rebuilt(output& out, const repair_report& report, bool only_look) {
  const salvage_plan& plan = report.plan;
  const std::uint64_t unchecked = plan.commands(piece_kind::commands);
  const std::uint64_t doubtful = plan.commands(piece_kind::doubtful);
  out.line("  kept      " + count_text(plan.batches(), "batch", "es") + " with " +
           count_text(plan.commands(piece_kind::batches), "command", "s") +
           ", whose checksums hold");
  if (unchecked > 0) {
    out.line("  kept      " + count_text(unchecked, "command", "s") +
             " without checksums, where a file may have them");
  }
  if (doubtful > 0) {
    out.line("  doubtful  " + count_text(doubtful, "command", "s") +
             ", kept, but without checksums and behind damage: look at them");
  }
  print_pieces(out, plan, piece_kind::doubtful, "              ");
  out.line("  lost      " + (plan.bytes(piece_kind::lost) == 0
                                 ? std::string("nothing")
                                 : size_text(plan.bytes(piece_kind::lost))));
  print_pieces(out, plan, piece_kind::lost, "              ");
  for (const auto& range : plan.missing)
    out.line("  missing   batch " + numbers_text(range));
  print_lost(out, report.lost);
  if (only_look) return;
  out.line("  aside     " + printable(report.aside.kept_in) +
           " has all of the old file from offset " + std::to_string(plan.first_damage()) + " on, " +
           size_text(report.aside.bytes));
  out.line("  size      " + size_text(report.before.size) + " before, " +
           size_text(report.size_after) + " after");
}

void print_text(output& out, const std::string& path, const repair_report& report, bool only_look) {
  const std::string name = printable(path);
  switch (report.result) {
    case outcome::nothing_wrong:
      out.line(name + ": nothing is wrong with it" + (only_look ? "" : "; it was not touched"));
      return;
    case outcome::cut:
      out.line(name + (only_look ? ": torn at its end; a repair would cut it, as an open does"
                                 : ": its torn end was cut off, as an open does"));
      out.line("  was       " + printable(what_was_wrong(path, report)));
      print_lost(out, report.lost);
      if (only_look) return;
      out.line("  aside     " + printable(report.aside.kept_in) + " has what was cut off, " +
               size_text(report.aside.bytes));
      return;
    case outcome::rebuilt:
      out.line(name + (only_look ? ": damaged; a repair would do this" : ": repaired"));
      out.line("  was       " + printable(what_was_wrong(path, report)));
      print_rebuilt(out, report, only_look);
      return;
  }
}

std::string_view name_of(outcome what) noexcept {
  switch (what) {
    case outcome::nothing_wrong:
      return "nothing_wrong";
    case outcome::cut:
      return "cut";
    case outcome::rebuilt:
      break;
  }
  return "rebuilt";
}

std::string_view name_of(piece_kind kind) noexcept {
  switch (kind) {
    case piece_kind::batches:
      return "batches";
    case piece_kind::commands:
      return "commands";
    case piece_kind::doubtful:
      return "doubtful";
    case piece_kind::nuls:
      return "nuls";
    case piece_kind::lost:
      break;
  }
  return "lost";
}

std::string_view name_of(command_kind kind) noexcept {
  return kind == command_kind::clear ? "clear" : kind == command_kind::erase ? "erase" : "set";
}

void print_json(output& out, const std::string& path, const repair_report& report, bool only_look) {
  const salvage_plan& plan = report.plan;
  const bool is_aside = !report.aside.kept_in.empty();
  json object{{"file", json_safe(path)},
              {"outcome", name_of(report.result)},
              {"dry_run", only_look},
              {"reason", report.before.damage ? json(json_safe(what_was_wrong(path, report)))
                                              : json(nullptr)},
              {"kept_batches", plan.batches()},
              {"kept_commands", plan.kept_commands()},
              {"doubtful_commands", plan.commands(piece_kind::doubtful)},
              {"lost_bytes", plan.bytes(piece_kind::lost)},
              {"aside", is_aside ? json(json_safe(report.aside.kept_in)) : json(nullptr)},
              {"aside_bytes", report.aside.bytes},
              {"bytes_before", report.before.size},
              {"bytes_after", only_look ? json(nullptr) : json(report.size_after)}};
  json& pieces = object["pieces"] = json::array();
  for (const piece& each : plan.pieces) {
    pieces.push_back({{"kind", name_of(each.kind)},
                      {"offset", each.offset},
                      {"size", each.size},
                      {"batches", each.batches},
                      {"commands", each.commands},
                      {"why", each.why.empty() ? json(nullptr) : json(json_safe(each.why))}});
  }
  json& lost = object["lost_changes"] = json::array();
  for (const lost_command& each : report.lost.found) {
    json change{{"kind", name_of(each.kind)}, {"offset", each.offset}};
    if (each.kind != command_kind::clear) {
      put_bytes(change, "key", without_token(each.key), spelling::as_they_are);
      if (each.key_size > each.key.size()) change["key_bytes"] = each.key_size;
    }
    lost.push_back(std::move(change));
  }
  object["lost_changes_not_listed"] = report.lost.more;
  json& missing = object["missing_batches"] = json::array();
  for (const auto& range : plan.missing)
    missing.push_back({range.first, range.last});
  out.line(json_line(object));
}

struct repair_command {
  common_options common;
  bool only_look = false;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const repair_report report = act(path, only_look);
    if (common.json) {
      print_json(out, path, report, only_look);
    } else {
      print_text(out, path, report, only_look);
    }
    return report.result == outcome::nothing_wrong ? exit_status::ok : exit_status::finding;
  }
};

}  // namespace

void add_repair(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("repair", "Save what can be saved of a file that an open refuses");
  auto mine = std::make_shared<repair_command>();
  mine->common.add_file(*command);
  mine->common.add_json(*command, "print a JSON object");
  command->add_flag("--dry-run", mine->only_look,
                    "only say what would be kept and lost; works on a file that is in use");
  command->footer(R"(
Every batch whose checksum holds is kept, and of commands without checksums those whose beginning is
certain. What is kept goes into a new file, which takes the old one's place when it is on disk; until
then, and if the repair fails, the old file is not touched. All bytes of the old file from the first
damage on are kept beside it, in FILE.damaged-OFFSET. A file that only has a torn end is cut as an
open would cut it.

The keys in what was not kept are printed as far as they can be read, with "set" or "erased": an
erasure that was lost may have been a logout. Nothing vouches for them. A key that may be a session's
token is shown as the session's id, as "sessions" shows it.

Exit codes:
  0  nothing was wrong, and nothing was done
  1  something was wrong; what was kept and what was lost is printed
  3  another process has the database open
  4  nothing in the file can be saved: it is left as it is

Examples:
  buntdb repair app.db --dry-run
  buntdb repair app.db --json | jq .pieces)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
