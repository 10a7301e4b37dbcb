#pragma once

#include <string>

namespace buntdb::io {

/// file_system::check_replaceable() of the operating system's files. The folder is the one that
/// holds path. Throws buntdb::error.
void check_replaceable(const std::string& path, const std::string& folder);

}  // namespace buntdb::io
