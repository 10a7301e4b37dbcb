#include "engine/open_file.hpp"

#include <utility>

#include <buntdb/error.hpp>

#include "engine/loader.hpp"
#include "engine/replacement_file.hpp"
#include "io/open_locked.hpp"

namespace buntdb::engine {

namespace {

/// `ex` counts from the file's time of modification. One that is still to come is a clock's error,
/// or a copy's: counting from it would extend lives.
bool is_from_the_future(log::inspection& inspected, time_point now) {
  if (!inspected.has_relative_expiries || inspected.modified <= now) return false;
  inspected.modified = now;
  return true;
}

}  // namespace

opened_file open_file(io::file_system& files, const std::string& path, memory& memory,
                      version& version, time_point now) {
  opened_file opened;
  std::unique_ptr<io::file> file = io::open_locked(files, path);
  replacement_file::remove_leftovers(files, path);
  log::inspection inspected = log::inspect(*file);
  // Written anew at once, and not before the first append: every further look at it, and every
  // change of it, would be from another time.
  bool must_be_rewritten = is_from_the_future(inspected, now);
  if (inspected.damage) {
    if (inspected.damage->verdict == log::damage_verdict::refuse) {
      throw error(inspected.damage->code, inspected.damage->reason);
    }
    const bool is_relative = inspected.has_relative_expiries;
    opened.cut = is_relative ? log::keep_aside(files, *file, inspected.good_end, "cut")
                             : log::cut(files, *file, inspected);
    opened.recovery_message = inspected.damage->reason + "; " + std::to_string(opened.cut.bytes) +
                              " bytes were cut off and kept in " + opened.cut.kept_in;
    if (is_relative) {
      inspected.damage.reset();
      must_be_rewritten = true;
    } else {
      inspected = log::inspect(*file);  // it is another file now, without damage
    }
  }
  loader sink(memory, version);
  log::replay(*file, inspected, sink);
  sink.restore_indexes();
  opened.index_problems = sink.problems();
  file->sync();
  files.sync_folder_of(path);
  opened.log = std::make_unique<log_file>(files, std::move(file), inspected);
  if (must_be_rewritten) opened.log->prepare(version);
  return opened;
}

opened_file read_file(io::file_system& files, const std::string& path, memory& memory,
                      version& version, time_point now) {
  const std::unique_ptr<io::file> file = files.open(path, io::open_mode::read_only);
  if (!file->status().is_regular) throw error(errc::not_a_database, path + ": not a regular file");
  log::inspection inspected = log::inspect_live(*file);
  is_from_the_future(inspected, now);
  opened_file opened;
  if (inspected.damage) {
    if (inspected.damage->verdict == log::damage_verdict::refuse) {
      throw error(inspected.damage->code, inspected.damage->reason);
    }
    opened.recovery_message = inspected.damage->reason + "; the rest is left out";
  }
  opened.read_only_bytes = inspected.size;
  loader sink(memory, version);
  log::replay(*file, inspected, sink);
  sink.restore_indexes();
  opened.index_problems = sink.problems();
  return opened;
}

}  // namespace buntdb::engine
