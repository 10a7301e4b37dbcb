#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/file_system.hpp"
#include "log/recovery.hpp"
#include "memory/pool.hpp"
#include "storage/log_file.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// A file that is locked, recovered and loaded.
struct opened_file {
  std::unique_ptr<log_file> log;
  log::cut_result cut;              ///< no bytes if nothing had to be cut
  std::string exposure;             ///< text for a person, if every user may read or write the file
  std::string replacement_problem;  ///< text for a person, if the file cannot be replaced
  std::string recovery_message;     ///< text for a person, if something was cut off
  std::vector<std::string> index_problems;  ///< index definitions that were not restored, and why
  bool is_foreign = false;            ///< it contains commands and none of this library's markers
  std::uint64_t read_only_bytes = 0;  ///< the size of a file opened read-only, which has no log
  bool was_waited_for = false;        ///< another process held the lock
};

/// How open_file() opens a file.
struct file_opening {
  /// How long to wait for another process that holds the lock. Meanwhile the file is loaded as far
  /// as possible.
  std::chrono::nanoseconds lock_timeout{0};
  std::function<time_point()> now;
};

/// Opens the file, creating it if necessary, acquires its lock, recovers it, and loads it into
/// `version`, which must be empty. Relative expiries (`ex`) count from the file's time of
/// modification, or from the present time if that is earlier. The file and its name are on disk
/// when this returns. Throws buntdb::error; `version` may then be partly filled.
opened_file open_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, const file_opening& how);

/// Loads a file that another process may be writing, without a lock and without changing it. Damage
/// is reported only if a second look at the file still finds it. Throws buntdb::error.
opened_file read_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, time_point now);

}  // namespace buntdb::engine
