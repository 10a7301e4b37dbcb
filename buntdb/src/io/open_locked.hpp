#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::io {

/// How an open waits for another process that holds the lock.
struct lock_wait {
  std::chrono::nanoseconds timeout{0};
  /// Called repeatedly during the wait, with the file, which is not locked yet. Exceptions from it
  /// are passed on.
  std::function<void(const file&)> meanwhile{};
};

/// Opens the file, creating it if there is none, and acquires its lock. Ensures that the name still
/// refers to this file, and not to another one that has replaced it meanwhile. Throws
/// buntdb::error: errc::locked (with the process that holds it, if the system tells), or
/// errc::not_a_database if it is not a regular file.
std::unique_ptr<file> open_locked(file_system& files, const std::string& path,
                                  const lock_wait& wait = {});

}  // namespace buntdb::io
