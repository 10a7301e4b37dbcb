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
  log::cut_result cut;                      ///< no bytes if nothing had to be cut
  std::string exposure;                     ///< for a person, if every user may read or write it
  std::string replacement_problem;          ///< for a person, if nothing can take its place
  std::string recovery_message;             ///< for a person, if something was
  std::vector<std::string> index_problems;  ///< definitions that were left out, and why
  bool is_foreign = false;                  ///< it has commands and none of our markers
  std::uint64_t read_only_bytes = 0;        ///< of a file opened read-only, which has no log
  bool was_waited_for = false;              ///< another process had the lock
};

/// How open_file() opens.
struct file_opening {
  /// For another process that has the lock. Meanwhile the file is loaded as far as it goes.
  std::chrono::nanoseconds lock_timeout{0};
  std::function<time_point()> now;
};

/// Opens the file, creating it if need be, takes its lock, recovers it and loads it into version,
/// which is empty. `ex` counts from the file's time of modification, or from now if that is
/// earlier. The file and its name are on disk when it returns. Throws buntdb::error; version may
/// then be half filled.
opened_file open_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, const file_opening& how);

/// Loads a file that another process may be writing, taking no lock and changing nothing. Damage is
/// reported only if the file still shows it after another look.
opened_file read_file(io::file_system& files, const std::string& path, pool& memory,
                      version& version, time_point now);

}  // namespace buntdb::engine
