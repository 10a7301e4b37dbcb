#include "engine/open_file.hpp"

#include <utility>

#include <buntdb/error.hpp>

#include "engine/loader.hpp"

namespace buntdb::engine {

namespace {

/// The file under its lock, and sure to be the one that has the name.
std::unique_ptr<io::file> open_locked(io::file_system& files, const std::string& path) {
  for (;;) {
    std::unique_ptr<io::file> file = files.open(path, io::open_mode::read_write);
    const io::file_status status = file->status();
    if (!status.is_regular) {
      throw error(errc::not_a_database, path + ": not a regular file");
    }
    if (!file->try_lock()) {
      const auto holder = file->lock_holder();
      throw error(errc::locked, path + ": another " +
                                    (holder ? "opener has it: process " + std::to_string(*holder)
                                            : std::string("process has it")));
    }
    // Between opening and locking, a compaction elsewhere may have put another file in its place.
    const auto named = files.status(path);
    if (named && named->device == status.device && named->inode == status.inode) return file;
  }
}

void remove_leftovers(io::file_system& files, const std::string& path) {
  const std::string prefix = path + ".compact-";
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  for (const std::string& name : files.names_beginning_with(prefix))
    files.remove(folder + name);
}

}  // namespace

opened_file open_file(io::file_system& files, const std::string& path, memory& memory,
                      version& version) {
  opened_file opened;
  std::unique_ptr<io::file> file = open_locked(files, path);
  remove_leftovers(files, path);
  log::inspection inspected = log::inspect(*file);
  if (inspected.damage) {
    if (inspected.damage->verdict == log::damage_verdict::refuse) {
      throw error(inspected.damage->code, inspected.damage->reason);
    }
    opened.cut = log::cut(files, *file, inspected);
    opened.recovery_message = inspected.damage->reason + "; " + std::to_string(opened.cut.bytes) +
                              " bytes were cut off and kept in " + opened.cut.kept_in;
    inspected = log::inspect(*file);  // it is another file now, without damage
  }
  loader sink(memory, version);
  log::replay(*file, inspected, sink);
  sink.restore_indexes();
  opened.index_problems = sink.problems();
  file->sync();
  files.sync_folder_of(path);
  opened.log = std::make_unique<log_file>(files, std::move(file), inspected);
  return opened;
}

opened_file read_file(io::file_system& files, const std::string& path, memory& memory,
                      version& version) {
  const std::unique_ptr<io::file> file = files.open(path, io::open_mode::read_only);
  if (!file->status().is_regular) throw error(errc::not_a_database, path + ": not a regular file");
  const log::inspection inspected = log::inspect_live(*file);
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
