#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/watched_file_system.hpp"
#include "log/recovery.hpp"
#include "output/progress.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

using buntdb::log::damage_verdict;
using buntdb::log::inspection;

/// What opening the file would do.
enum class verdict { fine, cut, refuse };

verdict judge(const inspection& found) noexcept {
  if (!found.damage) return verdict::fine;
  return found.damage->verdict == damage_verdict::cut ? verdict::cut : verdict::refuse;
}

struct examined {
  inspection found;
  std::optional<long> holder;
  std::vector<std::string> kept_aside;  ///< by earlier cuts and repairs
};

examined examine(const std::string& path) {
  watched_file_system files;
  const auto file = files.open(path, buntdb::io::open_mode::read_only);
  const auto status = file->status();
  if (!status.is_regular) {
    throw buntdb::error(buntdb::errc::not_a_database, path + ": not a regular file");
  }
  const progress bar("Checking " + path, progress_unit::bytes,
                     [&files, size = status.size]() -> progress_state {
                       // A file that is being written may have to be read again.
                       const auto& counted = files.counted();
                       return {counted.position, counted.passes == 1 ? size : 0};
                     });
  examined result{
      .found = buntdb::log::inspect_live(*file), .holder = file->lock_holder(), .kept_aside = {}};
  try {
    for (const char* kind : {".cut-", ".damaged-"}) {
      for (std::string& name : files.names_beginning_with(path + kind))
        result.kept_aside.push_back(std::move(name));
    }
  } catch (const buntdb::error&) {
    // The folder may be searched but not listed. The check does not depend on it.
  }
  return result;
}

/// Returns one sentence for each step.
std::vector<std::string> what_an_open_would_do(const inspection& found) {
  std::vector<std::string> steps;
  const std::string cut_at = std::to_string(found.good_end);
  switch (judge(found)) {
    case verdict::refuse:
      return {"An open would refuse the file and leave it as it is.",
              "`buntdb repair` saves what can be saved of it; with --dry-run it only says what."};
    case verdict::cut:
      steps.push_back("An open would keep the last " + size_text(found.size - found.good_end) +
                      " in a file beside it, named .cut-" + cut_at +
                      " after its own name, cut the file to " + cut_at +
                      " bytes, and load what is left.");
      break;
    case verdict::fine:
      steps.emplace_back("An open would load all of it.");
  }
  if (found.nul_tail > 0) {
    steps.emplace_back("The first write would cut the NUL bytes off its end.");
  }
  if (found.has_relative_expiries) {
    steps.emplace_back(
        "The first write would write the file anew: it has times to live that count from the "
        "file's time of modification, and a write would extend them.");
  } else if (!found.has_markers && found.size > 0) {
    steps.emplace_back(
        "The first write would begin with a seal; a compaction gives everything checksums.");
  }
  return steps;
}

std::string_view name_of(verdict which) noexcept {
  switch (which) {
    case verdict::fine:
      return "fine";
    case verdict::cut:
      return "cut";
    case verdict::refuse:
      break;
  }
  return "refuse";
}

std::string_view headline(verdict which) noexcept {
  switch (which) {
    case verdict::fine:
      return "fine";
    case verdict::cut:
      return "torn at its end: an open would cut it";
    case verdict::refuse:
      break;
  }
  return "damaged: an open would refuse it";
}

std::string what_it_is(const inspection& found) {
  if (found.size == 0) return "an empty file: a database without items";
  if (!found.has_markers && found.damage && found.good_end == 0)
    return "not known to be a database";
  if (!found.has_markers) return "commands without checksums, as BuntDB writes them";
  return "a database with checksums";
}

std::string sealed_text(const inspection& found) {
  if (found.damage) return "no: it is damaged";
  if (found.sealed) return "yes: all of it was on disk when it was last closed, or idle";
  return "no: it is in use, was not closed, or was written by another program";
}

void print_text(output& out, const std::string& path, const examined& result) {
  const inspection& found = result.found;
  out.line(printable(path) + ": " + std::string(headline(judge(found))));
  out.line("  what      " + what_it_is(found));
  out.line("  size      " + size_text(found.size));
  out.line("  good      " + (found.good_end == found.size
                                 ? std::string("all of it")
                                 : "the first " + size_text(found.good_end)));
  out.line("  commands  " + std::to_string(found.commands));
  out.line("  batches   " + std::to_string(found.batches - found.seals) + ", and " +
           std::to_string(found.seals) + (found.seals == 1 ? " seal" : " seals"));
  out.line("  sealed    " + sealed_text(found));
  out.line("  on disk   the first " + size_text(found.synced) + ", as its markers say");
  out.line("  NUL tail  " + (found.nul_tail == 0 ? "none" : size_text(found.nul_tail)));
  out.line(std::string("  expiries  ") + (found.has_relative_expiries
                                              ? "some count from the file's time of modification"
                                              : "none that count from the file's modification"));
  if (result.holder) out.line("  in use    by process " + std::to_string(*result.holder));
  for (const std::string& name : result.kept_aside)
    out.line("  beside    " + printable(name) + ", kept by an earlier open or repair");
  if (found.damage) out.line(printable(found.damage->reason) + ".");
  for (const std::string& step : what_an_open_would_do(found))
    out.line(step);
}

void print_json(output& out, const std::string& path, const examined& result) {
  const inspection& found = result.found;
  json object{{"file", json_safe(path)},
              {"verdict", name_of(judge(found))},
              {"reason", found.damage ? json(json_safe(found.damage->reason)) : json(nullptr)},
              {"damage_offset", found.damage ? json(found.damage->offset) : json(nullptr)},
              {"size", found.size},
              {"good_bytes", found.good_end},
              {"commands", found.commands},
              {"batches", found.batches - found.seals},
              {"seals", found.seals},
              {"has_markers", found.has_markers},
              {"sealed", found.sealed && !found.damage},
              {"synced_bytes", found.synced},
              {"nul_tail_bytes", found.nul_tail},
              {"has_relative_expiries", found.has_relative_expiries},
              {"open_in_process", result.holder ? json(*result.holder) : json(nullptr)},
              {"open_would", what_an_open_would_do(found)}};
  json& aside = object["kept_aside"] = json::array();
  for (const std::string& name : result.kept_aside)
    aside.push_back(json_safe(name));
  out.line(json_line(object));
}

struct check_command {
  common_options common;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const examined result = examine(path);
    if (common.json) {
      print_json(out, path, result);
    } else {
      print_text(out, path, result);
    }
    switch (judge(result.found)) {
      case verdict::fine:
        return exit_status::ok;
      case verdict::cut:
        return exit_status::finding;
      case verdict::refuse:
        break;
    }
    return exit_status::damaged;
  }
};

}  // namespace

void add_check(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand(
      "check", "Say what the file is, whether it is damaged, and what an open would do");
  auto mine = std::make_shared<check_command>();
  mine->common.add_file(*command);
  mine->common.add_json(*command, "print a JSON object");
  command->footer(R"(
Never changes the file, and works while another process has it open.

Exit codes:
  0  fine
  1  torn at its end, as a power cut leaves a file: an open would cut it there and keep the rest
  4  damaged, or no database: an open would refuse it

Examples:
  buntdb check app.db
  buntdb check app.db --json | jq .verdict)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
