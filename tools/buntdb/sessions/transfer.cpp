#include "sessions/transfer.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include <buntdb/database.hpp>
#include <scs/stores/bunt.hpp>

#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "files/standard_stream.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "transfer/bring.hpp"
#include "transfer/places.hpp"
#include "transfer/private_file.hpp"

namespace {

constexpr std::size_t calls_of_a_server_at_once = 8;

/// One command with its arguments.
struct transfer {
  const session_options& options;
  std::string path{};
  /// TO or FROM.
  std::string place{};
  std::atomic<bool> stopped = false;

  bring_options bringing(const std::string& title, std::size_t threads) const {
    return {.title = title,
            .hash_ids = options.hash_ids,
            .again = options.again,
            .threads = threads,
            .stopped = &stopped};
  }
};

void check(const session_options& options) {
  const std::string action = options.action();
  if (options.id_arguments.size() != 1 || plain(options.id_arguments[0]).empty()) {
    throw usage_error("sessions " + action + " takes one " +
                      (action == "export" ? "target" : "source") +
                      ": a file, redis://… or postgresql://…");
  }
  if (options.user_given || options.all || options.values || options.limit.given()) {
    throw usage_error("sessions " + action + " takes no --user, --all, --values and --limit");
  }
}

/// Returns which of the database's prefixes is meant.
std::string prefix_in(buntdb::database& db, const session_options& options) {
  if (const auto given = options.prefix()) return *given;
  std::set<std::string> found;
  for_each_session(db.begin_read(), {}, [&](const stored_session& session) {
    found.insert(session.prefix);
    return true;
  });
  if (found.size() < 2) return found.empty() ? std::string() : *found.begin();
  std::string names;
  for (const std::string& each : found)
    names += (names.empty() ? "'" : ", '") + printable(each) + "'";
  throw usage_error(options.common.file() + " has sessions with the prefixes " + names +
                    ": say which with --prefix");
}

std::string identity_of_file(const std::string& path, const std::string& prefix) {
  return "file " + std::filesystem::weakly_canonical(path).string() + " " + prefix;
}

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string text_of(const transfer& job, const std::string& to, const brought& result,
                    bool into_file) {
  const copied_counts& counts = result.counts;
  std::string text = printable(to) + ": " + counted(counts.sessions, "session") +
                     (counts.revocations == 0
                          ? std::string()
                          : " and " + counted(counts.revocations, "record") + " of revocations") +
                     (job.options.action() == "export" ? " exported" : " imported");
  if (into_file) return text;
  text += ": " + std::to_string(counts.added) + " added";
  if (counts.present > 0) text += ", " + std::to_string(counts.present) + " there already";
  if (counts.kept > 0) {
    text += ", " + std::to_string(counts.kept) + " there with another content, which was kept";
  }
  if (counts.expired > 0) text += ", " + std::to_string(counts.expired) + " had expired";
  if (result.went_on) text += "; an earlier run had not come to its end";
  return text;
}

void warn_of_tokens(const transfer& job, const copied_counts& counts, bool into_file) {
  if (counts.tokens == 0 || job.options.hash_ids) return;
  complain("warning: " + std::to_string(counts.tokens) + " of " + std::to_string(counts.sessions) +
           " ids are tokens (Go's SCS, or id_mode::raw): whoever reads " +
           (into_file
                ? "the file can use the sessions. Its mode is 0600; remove it after the import"
                : "the store can use the sessions. --hash-ids makes hashes of them"));
}

/// Prints the result. `to` and `from` are names for messages.
exit_status report(const transfer& job, output& out, const std::string& to, const std::string& from,
                   const brought& result, bool into_file, bool source_may_change) {
  const copied_counts& counts = result.counts;
  if (job.options.common.json) {
    out.line(json_line(json{{"sessions", counts.sessions},
                            {"revocations", counts.revocations},
                            {"tokens", counts.tokens},
                            {"added", counts.added},
                            {"present", counts.present},
                            {"kept", counts.kept},
                            {"expired", counts.expired},
                            {"done_before", result.was_done}}));
  } else if (!result.was_done) {
    // Standard output is used for the sessions.
    const std::string text = text_of(job, to, result, into_file);
    if (job.place == standard_stream && into_file) {
      complain(text);
    } else {
      out.line(text);
    }
  }
  if (!result.was_done) {
    warn_of_tokens(job, counts, into_file);
    return exit_status::ok;
  }
  if (!source_may_change) {
    complain(to + ": " + from + " was imported before, and nothing is left to do");
    return exit_status::ok;
  }
  complain(to + " has had the sessions of " + from +
           " before. Nothing was done: another run would bring back sessions that have ended "
           "since. --again adds those that are new, and keeps what is there");
  return exit_status::finding;
}

[[noreturn]] void throw_stopped(const interrupts& signals, const std::string& what) {
  throw interrupted(signals.received(), "stopped; " + what);
}

// --- export ---

session_source sessions_in(opened& file, scs::stores::bunt& store, const std::string& path,
                           const std::string& prefix) {
  session_source source = all_of(store, identity_of_file(path, prefix));
  source.total = file.database().begin_read().count({.prefix = prefix});
  return source;
}

exit_status export_to_file(transfer& job, output& out, const session_source& source) {
  const bool to_stream = job.place == standard_stream;
  if (to_stream && out.terminal()) {
    throw usage_error("an export is not for a terminal: write to a file or a pipe");
  }
  if (to_stream && job.options.common.json) {
    throw usage_error("--json is for an export to a file or a store");
  }
  const bring_options options = job.bringing("Exporting " + job.path, 1);
  const std::string name = to_stream ? "standard output" : job.place;
  brought result;
  if (to_stream) {
    result.counts = write_file(
        source, [&](std::string_view line) { out.write(line); }, options);
  } else {
    private_file target(job.place);
    result.counts = write_file(
        source, [&](std::string_view line) { target.write(line); }, options);
    target.finish();
  }
  return report(job, out, name, job.path, result, true, false);
}

exit_status export_sessions(transfer& job, output& out) {
  interrupts signals;
  const bool into_store = names_a_store(job.place);
  if (!into_store && job.place != standard_stream) {
    std::error_code none;
    if (std::filesystem::equivalent(job.path, job.place, none)) {
      throw usage_error(job.place + " is the database itself");
    }
  }
  opened file(job.path, purpose::reading);
  const std::string prefix = prefix_in(file.database(), job.options);
  scs::stores::bunt store(file.database(), {.prefix = prefix});
  const session_source source = sessions_in(file, store, job.path, prefix);
  signals.stop_with([&job] { job.stopped = true; });
  try {
    if (!into_store) return export_to_file(job, out, source);
    const served_place to = open_place(job.place, place_use::writing);
    const brought result =
        bring(source, *to.store, job.bringing("Exporting " + job.path, calls_of_a_server_at_once));
    return report(job, out, to.name, job.path, result, false, true);
  } catch (const bringing_stopped&) {
    throw_stopped(signals, into_store ? "a part of the sessions is there. Run it again to go on"
                                      : "nothing was written");
  }
}

// --- import ---

/// The lines of an export. They are checked before anything is changed.
class exported_lines {
 public:
  explicit exported_lines(std::string place)
      : name_(place == standard_stream ? "standard input" : place), place_(std::move(place)) {
    if (place_ != standard_stream) return;
    held_.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (std::cin.bad()) throw std::runtime_error("cannot read standard input");
  }

  const std::string& name() const noexcept { return name_; }

  session_source checked() {
    const std::unique_ptr<std::istream> in = open();
    session_file_reader reader(*in, name_);
    while (reader.next()) {
    }
    return {.for_each =
                [this](const std::function<void(carried_session)>& each) {
                  const std::unique_ptr<std::istream> again = open();
                  session_file_reader lines(*again, name_);
                  while (std::optional<carried_session> next = lines.next())
                    each(*std::move(next));
                },
            .identity = "export " + reader.export_name(),
            .total = reader.records()};
  }

 private:
  std::unique_ptr<std::istream> open() const {
    if (place_ == standard_stream) return std::make_unique<std::istringstream>(held_);
    // Opened to get the system's message if that fails.
    buntdb::io::file_system::native().open(place_, buntdb::io::open_mode::read_only);
    return std::make_unique<std::ifstream>(place_, std::ios::binary);
  }

  const std::string name_;
  const std::string place_;
  std::string held_;
};

exit_status import_from(transfer& job, output& out, const interrupts& signals, opened& file,
                        const session_source& source, const std::string& name,
                        bool source_may_change) {
  const std::string prefix = prefix_in(file.database(), job.options);
  scs::stores::bunt store(file.database(), {.prefix = prefix});
  try {
    const brought result = bring(source, store, job.bringing("Importing " + name, 1));
    file.database().close();
    return report(job, out, job.path, name, result, false, source_may_change);
  } catch (const bringing_stopped&) {
    file.database().close();
    throw_stopped(signals, "a part of the sessions is in " + job.path + ". Run it again to go on");
  }
}

exit_status import_sessions(transfer& job, output& out) {
  interrupts signals;
  // Checked before FILE would be created in vain.
  if (names_a_store(job.place)) {
    const served_place from = open_place(job.place, place_use::reading);
    const session_source source = all_of(*from.store, from.identity);
    opened file(job.path, purpose::writing);
    signals.stop_with([&job] { job.stopped = true; });
    return import_from(job, out, signals, file, source, from.name, true);
  }
  exported_lines lines(job.place);
  const session_source source = lines.checked();
  opened file(job.path, purpose::writing);
  signals.stop_with([&job] { job.stopped = true; });
  return import_from(job, out, signals, file, source, lines.name(), false);
}

}  // namespace

std::optional<exit_status> transfer_sessions(const session_options& options, output& out) {
  const std::string action = options.action();
  if (action != "export" && action != "import") return std::nullopt;
  check(options);
  transfer job{
      .options = options, .path = options.common.file(), .place = plain(options.id_arguments[0])};
  return action == "export" ? export_sessions(job, out) : import_sessions(job, out);
}
