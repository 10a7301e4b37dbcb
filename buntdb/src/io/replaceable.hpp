#pragma once

#include <string>

namespace buntdb::io {

/// Implements file_system::check_replaceable() for files of the operating system. `folder` is the
/// one that contains `path`. Throws buntdb::error.
void check_replaceable(const std::string& path, const std::string& folder);

}  // namespace buntdb::io
