#include "io/open_locked.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <buntdb/error.hpp>

namespace buntdb::io {

namespace {

using clock = std::chrono::steady_clock;

/// Each further attempt means that the file was replaced at that moment. After this many times in
/// a row, the cause is a file system that reports a different inode number by name than by
/// descriptor.
constexpr int max_attempts = 100;

/// The time between two attempts to acquire a lock that another process holds.
constexpr std::chrono::milliseconds pause{1};

/// Returns when the wait ends. It is limited to a year, because a longer time could overflow.
clock::time_point end_of(const lock_wait& wait) {
  return clock::now() + std::min<std::chrono::nanoseconds>(wait.timeout, std::chrono::hours(8760));
}

bool is_named(file_system& files, const std::string& path, const file_status& status) {
  const std::optional<file_status> named = files.status(path);
  return named && named->device == status.device && named->inode == status.inode;
}

[[noreturn]] void throw_locked(const std::string& path, const file& opened) {
  const std::optional<long> holder = opened.lock_holder();
  throw error(errc::locked, path + ": another " +
                                (holder ? "opener has it: process " + std::to_string(*holder)
                                        : std::string("process has it")));
}

/// Returns whether the lock was acquired. Returns false if the file lost its name first, as in a
/// compaction by the process that holds it.
bool lock(file_system& files, const std::string& path, file& opened, const file_status& status,
          const lock_wait& wait, clock::time_point until) {
  while (!opened.try_lock()) {
    if (clock::now() >= until) throw_locked(path, opened);
    if (wait.meanwhile) wait.meanwhile(opened);
    std::this_thread::sleep_for(pause);
    if (!is_named(files, path, status)) return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<file> open_locked(file_system& files, const std::string& path,
                                  const lock_wait& wait) {
  const clock::time_point until = end_of(wait);
  for (int attempt = 0; attempt < max_attempts;) {
    std::unique_ptr<file> opened = files.open(path, open_mode::read_write);
    const file_status status = opened->status();
    if (!status.is_regular) {
      throw error(errc::not_a_database, path + ": not a regular file");
    }
    if (!lock(files, path, *opened, status, wait, until)) continue;
    // Between opening and locking, a compaction by another process may have replaced the file.
    if (is_named(files, path, status)) return opened;
    ++attempt;
  }
  throw error(errc::locked, path +
                                ": the name and the open file are never the same file; is it "
                                "being replaced again and again?");
}

}  // namespace buntdb::io
