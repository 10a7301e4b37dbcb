#include "io/open_locked.hpp"

#include <optional>

#include <buntdb/error.hpp>

namespace buntdb::io {

namespace {

/// Each further attempt means that a file was replaced just then; so many in a row means that the
/// file system gives the file another number by its name than by its descriptor.
constexpr int max_attempts = 100;

}  // namespace

std::unique_ptr<file> open_locked(file_system& files, const std::string& path) {
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    std::unique_ptr<file> opened = files.open(path, open_mode::read_write);
    const file_status status = opened->status();
    if (!status.is_regular) {
      throw error(errc::not_a_database, path + ": not a regular file");
    }
    if (!opened->try_lock()) {
      const std::optional<long> holder = opened->lock_holder();
      throw error(errc::locked, path + ": another " +
                                    (holder ? "opener has it: process " + std::to_string(*holder)
                                            : std::string("process has it")));
    }
    // Between opening and locking, a compaction elsewhere may have put another file in its place.
    const std::optional<file_status> named = files.status(path);
    if (named && named->device == status.device && named->inode == status.inode) return opened;
  }
  throw error(errc::locked, path +
                                ": the name and the open file are never the same file; is it "
                                "being replaced again and again?");
}

}  // namespace buntdb::io
