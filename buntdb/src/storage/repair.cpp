#include "storage/repair.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <buntdb/error.hpp>

#include "io/new_file.hpp"
#include "io/open_locked.hpp"
#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/writer.hpp"
#include "storage/replacement_file.hpp"
#include "storage/unfinished_file.hpp"

namespace buntdb::engine {

namespace {

/// Writes commands to an empty file, in marked batches of about one MiB.
class batch_writer final : public log::command_sink {
 public:
  explicit batch_writer(io::file& file) : out_(file, {}) { log::begin_batch(out_.buffer()); }

  void set(std::string_view key, std::string_view value) override {
    log::append_set(out_.buffer(), key, value);
    flush_if_large();
  }
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override {
    log::append_set_expiring(out_.buffer(), key, value, unix_seconds);
    flush_if_large();
  }
  void erase(std::string_view key) override {
    log::append_del(out_.buffer(), key);
    flush_if_large();
  }
  void clear() override {
    log::append_flushdb(out_.buffer());
    flush_if_large();
  }

  /// Writes everything to disk, followed by a seal. Returns the size of the file.
  std::uint64_t finish() {
    if (out_.buffer().size() > log::marker_size) {
      out_.finish(0);
    } else {
      out_.buffer().clear();
    }
    out_.sync();
    out_.seal();
    out_.sync();
    return out_.written();
  }

 private:
  void flush_if_large() {
    if (out_.buffer().size() < log::usual_batch_size) return;
    out_.finish(0);
    out_.flush();
    log::begin_batch(out_.buffer());
  }

  log::writer out_;
};

/// Reads the new file again instead of trusting the writer.
void check_that_it_opens(const io::file& file, std::uint64_t commands) {
  const log::inspection found = log::inspect(file);
  if (found.damage || !found.sealed || found.commands != commands) {
    throw error(errc::corrupt, file.path() + " is not what was written to it" +
                                   (found.damage ? ": " + found.damage->reason : std::string()));
  }
}

/// Returns the plan to keep what an open would keep of a torn file.
log::salvage_plan plan_of_good_part(const log::inspection& found) {
  log::salvage_plan plan;
  plan.size = found.size;
  plan.modified = found.modified;
  plan.pieces.push_back({.kind = log::piece_kind::commands,
                         .offset = 0,
                         .size = found.good_end,
                         .batches = found.batches - found.seals,
                         .commands = found.commands,
                         .why = {}});
  plan.pieces.push_back({.kind = log::piece_kind::lost,
                         .offset = found.good_end,
                         .size = found.size - found.good_end,
                         .batches = 0,
                         .commands = 0,
                         .why = found.damage->reason});
  return plan;
}

/// Decides as an open does: a file that cannot be replaced is cut in place in any case.
bool is_cut_in_place(io::file_system& files, const std::string& path,
                     const log::inspection& inspected) {
  if (log::may_be_cut_in_place(inspected)) return true;
  try {
    files.check_replaceable(path);
    return false;
  } catch (const error&) {
    return true;
  }
}

/// Plans what to keep and what to lose. Throws if nothing can be kept.
void plan(io::file_system& files, const io::file& file, repair_report& report) {
  const bool is_torn = report.before.damage->verdict == log::damage_verdict::cut;
  if (is_torn && is_cut_in_place(files, file.path(), report.before)) {
    report.result = repair_report::outcome::cut;
    report.lost.read(file, report.before.good_end, report.before.size);
    return;
  }
  report.result = repair_report::outcome::rebuilt;
  report.plan = is_torn ? plan_of_good_part(report.before) : log::plan_salvage(file);
  if (!is_torn && report.plan.kept_commands() == 0) {
    throw error(report.before.damage->code,
                file.path() + " is damaged at offset " +
                    std::to_string(report.before.damage->offset) +
                    ", and no command in it is whole. Nothing in the file can be saved: restore a "
                    "backup");
  }
  for (const log::piece& each : report.plan.pieces) {
    if (each.kind == log::piece_kind::lost) {
      report.lost.read(file, each.offset, each.offset + each.size);
    }
  }
}

void rebuild(io::file_system& files, const io::file& original, time_point now,
             repair_report& report) {
  report.plan.modified = std::min(report.plan.modified, now);
  const std::uint64_t kept = report.plan.kept_commands();
  report.aside = log::keep_aside(files, original, report.plan.first_damage(), "damaged");
  try {
    replacement_file fresh(files, original);
    batch_writer writer(fresh.get());
    log::replay(original, report.plan, writer);
    report.size_after = writer.finish();
    check_that_it_opens(fresh.get(), kept);
    fresh.install();
  } catch (...) {
    io::remove_quietly(files, report.aside.kept_in);  // the damaged file still contains it
    throw;
  }
  files.sync_folder_of(original.path());
}

}  // namespace

repair_report repair(io::file_system& files, const std::string& path, time_point now) {
  const std::string real_path = files.resolved(path);
  if (!files.status(real_path)) {  // opening would create it
    throw error(std::make_error_code(std::errc::no_such_file_or_directory), "cannot open " + path);
  }
  const std::unique_ptr<io::file> file = io::open_locked(files, real_path);
  repair_report report;
  report.before = log::inspect(*file);
  report.size_after = report.before.size;
  if (!report.before.damage) return report;
  remove_unfinished(files, real_path);
  plan(files, *file, report);
  if (report.result == repair_report::outcome::cut) {
    report.aside = log::cut(files, *file, report.before);
    report.size_after = report.before.good_end;
  } else {
    rebuild(files, *file, now, report);
  }
  return report;
}

repair_report foresee_repair(io::file_system& files, const std::string& path) {
  const auto file = files.open(path, io::open_mode::read_only);
  if (!file->status().is_regular) {
    throw error(errc::not_a_database, path + ": not a regular file");
  }
  repair_report report;
  report.before = log::inspect_live(*file);
  report.size_after = report.before.size;
  if (report.before.damage) plan(files, *file, report);
  return report;
}

}  // namespace buntdb::engine
