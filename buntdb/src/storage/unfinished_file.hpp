#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_system.hpp"

/// Files that are written under a name of their own, NAME.compact-XXXXXX or NAME.save-XXXXXX, until
/// they get the name NAME. A crash leaves them behind; others may have files of such names, too. So
/// that only leftovers are removed,
///
///   1. XXXXXX is computed from the number that the file system has given the file (its inode): a
///      copy of a file, a backup, has another number;
///   2. the file is locked from its creation to its end.
namespace buntdb::engine {

inline constexpr std::string_view compaction_infix = ".compact-";
inline constexpr std::string_view save_infix = ".save-";

/// Creates such a file beside target: private, empty, locked. Throws buntdb::error.
std::unique_ptr<io::file> create_unfinished(io::file_system& files, const std::string& target,
                                            std::string_view infix);

/// Removes what a crash has left of such files for this name: regular files that are no symbolic
/// links, that nobody has locked, and whose name fits their number, or which are empty and private,
/// as they are before they get that name. What cannot be looked at or removed stays.
void remove_unfinished(io::file_system& files, const std::string& target);

/// Removes all that this library has left beside a database that the caller has locked: what
/// remove_unfinished() removes, leftovers of saves in its folder, and what recoveries and repairs
/// have kept aside. Returns the paths. The folder is synced. Throws buntdb::error if something that
/// was kept aside cannot be removed.
std::vector<std::string> remove_remains(io::file_system& files, const std::string& target);

/// remove_unfinished() for saves in the folder of path, whatever their names.
void remove_unfinished_saves(io::file_system& files, const std::string& path);

}  // namespace buntdb::engine
