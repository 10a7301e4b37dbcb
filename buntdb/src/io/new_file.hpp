#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::io {

/// Creates a file, private to its owner, under the first of the names that nothing has: name_of(0),
/// name_of(1), … at most max_attempts of them. Throws buntdb::error.
std::unique_ptr<file> create_new(file_system& files,
                                 const std::function<std::string(unsigned attempt)>& name_of,
                                 unsigned max_attempts);

/// Removes a file that is of no use any more, if that can be done: for the way out after another
/// failure, which is the one to report.
void remove_quietly(file_system& files, const std::string& path) noexcept;

}  // namespace buntdb::io
