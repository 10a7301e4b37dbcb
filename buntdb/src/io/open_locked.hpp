#pragma once

#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::io {

/// Opens the file, creating it if there is none, and takes its lock; sure that the name still means
/// this file, and no other that was put in its place meanwhile. Throws buntdb::error: errc::locked
/// (naming the process that has it, if the system tells), errc::not_a_database for what is no
/// regular file.
std::unique_ptr<file> open_locked(file_system& files, const std::string& path);

}  // namespace buntdb::io
