#include "storage/open_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "io/open_locked.hpp"
#include "io/write_all.hpp"
#include "memory/chunk_supply.hpp"
#include "storage/loader.hpp"
#include "storage/preload.hpp"
#include "storage/unfinished_file.hpp"

namespace buntdb::engine {

namespace {

/// A relative expiry (`ex`) counts from the file's time of modification. If that time is in the
/// future, because of a wrong clock or a copy, counting from it would lengthen lives, so it is
/// replaced by the present time. Returns whether that was done.
bool is_from_the_future(log::inspection& inspected, time_point now) {
  if (!inspected.has_relative_expiries || inspected.modified <= now) return false;
  inspected.modified = now;
  return true;
}

/// Returns a warning if other users can access the file. This library creates files for their owner
/// only, but a file whose mode was changed may still contain secrets.
std::string exposure_of(const std::string& path, unsigned mode) {
  constexpr unsigned others_read = 04;
  constexpr unsigned others_write = 02;
  if ((mode & (others_read | others_write)) == 0) return {};
  std::string text = path + ": every user of this machine may ";
  if ((mode & others_read) != 0) text += (mode & others_write) != 0 ? "read and write" : "read";
  if ((mode & others_read) == 0) text += "write";
  return text + " this file; if its content is confidential: chmod o-rw";
}

std::string replacement_problem(io::file_system& files, const std::string& path) {
  try {
    files.check_replaceable(path);
    return {};
  } catch (const error& problem) {
    return std::string(problem.what()) +
           ". Until then it cannot be compacted: it grows with every write and never gets smaller";
  }
}

/// Returns whether another program wrote the whole file: everything that this library writes into a
/// file begins with a marker.
bool is_foreign(const log::inspection& inspected) noexcept {
  return inspected.commands > 0 && !inspected.has_markers;
}

/// Replays the file into the sink, which first discards what it received before the inspection was
/// complete.
void load_again(const io::file& file, const log::inspection& inspected, loader& sink) {
  sink.forget();
  log::replay(file, inspected, sink);
}

/// Writes again, byte for byte, the part for which no marker vouches. If a sync failed before this
/// process opened the file, such bytes may be in the system's memory without being scheduled for
/// writing: another sync would succeed without writing them, and a power cut would remove them and
/// everything after them. Writing them again schedules them again. (A torn rewrite preserves the
/// bytes, because none of them changes.)
void write_unsynced_again(io::file& file, const log::inspection& inspected) {
  // A file without markers was written by another program. A file with relative expiries is
  // rewritten before its first append, and its time of modification must not change.
  if (!inspected.has_markers || inspected.has_relative_expiries) return;
  constexpr std::uint64_t piece = std::uint64_t{1} << 20U;
  std::vector<char> buffer;
  for (std::uint64_t at = inspected.synced; at < inspected.good_end;) {
    buffer.resize(static_cast<std::size_t>(std::min(piece, inspected.good_end - at)));
    const std::size_t size = file.read_at(at, buffer);
    if (size == 0) {
      throw error(errc::corrupt, file.path() + " became shorter while it was opened: it ends at " +
                                     std::to_string(at) + " of " +
                                     std::to_string(inspected.good_end) +
                                     " bytes; is another program writing to it?");
    }
    io::write_all(file, at, std::string_view(buffer.data(), size));
    at += size;
  }
}

}  // namespace

opened_file open_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, const file_opening& how) {
  opened_file opened;
  loader sink(memory, version);
  preload content(memory, sink);
  std::unique_ptr<io::file> file = io::open_locked(
      files, path, {.timeout = how.lock_timeout, .meanwhile = [&](const io::file& locked) {
                      opened.was_waited_for = true;
                      content.read_some(locked);
                    }});
  const time_point now = how.now();
  remove_unfinished(files, path);
  const io::file_status status = file->status();
  opened.exposure = exposure_of(path, status.mode);
  opened.replacement_problem = replacement_problem(files, path);
  log::inspection inspected = content.read_rest(*file, status);
  opened.is_foreign = is_foreign(inspected);
  // Such a file is rewritten immediately, not before the first append: its relative expiries would
  // be counted from a different time at each later look or change.
  bool must_be_rewritten = is_from_the_future(inspected, now);
  const bool again = inspected.damage || must_be_rewritten;
  if (inspected.damage) {
    if (inspected.damage->verdict == log::damage_verdict::refuse) {
      throw error(inspected.damage->code, inspected.damage->reason);
    }
    const bool in_place =
        log::may_be_cut_in_place(inspected) || !opened.replacement_problem.empty();
    must_be_rewritten |= !in_place;
    opened.cut = in_place ? log::cut(files, *file, inspected)
                          : log::keep_aside(files, *file, inspected.good_end, "cut");
    opened.recovery_message = inspected.damage->reason + "; " + std::to_string(opened.cut.bytes) +
                              " bytes were cut off and kept in " + opened.cut.kept_in;
    if (in_place) {
      const time_point modified = inspected.modified;
      inspected = log::inspect(*file);  // the file has changed and has no damage any more
      inspected.modified = modified;
    } else {
      inspected.damage.reset();
    }
  }
  if (again) load_again(*file, inspected, sink);
  write_unsynced_again(*file, inspected);
  sink.finish(now);
  opened.index_problems = sink.problems();
  file->sync();
  files.sync_folder_of(path);
  opened.log = std::make_unique<log_file>(files, std::move(file), inspected);
  if (must_be_rewritten) opened.log->rewrite(version);
  return opened;
}

opened_file read_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, time_point now) {
  const std::unique_ptr<io::file> file = files.open(path, io::open_mode::read_only);
  const io::file_status status = file->status();
  if (!status.is_regular) throw error(errc::not_a_database, path + ": not a regular file");
  const chunk_supply ahead(memory, status.size);
  loader sink(memory, version);
  log::inspection inspected = log::inspect(*file, status, sink);
  bool again = inspected.damage.has_value();
  if (again) inspected = log::inspect_live(*file, inspected);
  again |= is_from_the_future(inspected, now);
  opened_file opened;
  if (inspected.damage) {
    if (inspected.damage->verdict == log::damage_verdict::refuse) {
      throw error(inspected.damage->code, inspected.damage->reason);
    }
    opened.recovery_message = inspected.damage->reason + "; the rest is left out";
  }
  opened.read_only_bytes = inspected.size;
  opened.is_foreign = is_foreign(inspected);
  if (again) load_again(*file, inspected, sink);
  sink.finish(now);
  opened.index_problems = sink.problems();
  return opened;
}

}  // namespace buntdb::engine
