#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::io {

/// How an open waits for another process that has the lock.
struct lock_wait {
  std::chrono::nanoseconds timeout{0};
  /// Called again and again with the file, which is not locked yet, while it is waited for. What it
  /// throws passes through.
  std::function<void(const file&)> meanwhile{};
};

/// Opens the file, creating it if there is none, and takes its lock; sure that the name still means
/// this file, and no other that was put in its place meanwhile. Throws buntdb::error: errc::locked
/// (naming the process that has it, if the system tells), errc::not_a_database for what is no
/// regular file.
std::unique_ptr<file> open_locked(file_system& files, const std::string& path,
                                  const lock_wait& wait = {});

}  // namespace buntdb::io
