#pragma once

#include <string>

#include <buntdb/database.hpp>

#include "files/watched_file_system.hpp"

/// Why the tool opens a file.
enum class purpose {
  reading,   ///< without the lock, so the file may be in use; it must exist
  changing,  ///< under the lock; it must exist
  writing,   ///< under the lock; created if it does not exist
};

/// A database that the tool has open, with a progress bar on a terminal while it loads. What the
/// library reports meanwhile is printed to standard error.
class opened {
 public:
  /// Throws buntdb::error.
  opened(const std::string& path, purpose why);

  buntdb::database& database() noexcept { return database_; }
  watched_file_system& files() noexcept { return files_; }

 private:
  watched_file_system files_;
  buntdb::database database_;
};
