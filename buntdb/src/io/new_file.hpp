#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::io {

/// Creates a file, accessible by its owner only, under the first name that is not taken:
/// name_of(0), name_of(1), and so on, at most max_attempts of them. Throws buntdb::error.
std::unique_ptr<file> create_new(file_system& files,
                                 const std::function<std::string(unsigned attempt)>& name_of,
                                 unsigned max_attempts);

/// Removes a file that is not needed any more, if possible. For cleaning up after another failure,
/// which is the one to report.
void remove_quietly(file_system& files, const std::string& path) noexcept;

}  // namespace buntdb::io
