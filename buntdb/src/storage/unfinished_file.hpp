#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_system.hpp"

/// Files that are written under temporary names, NAME.compact-XXXXXX or NAME.save-XXXXXX, until
/// they get the name NAME. A crash leaves them in the folder. Other files may have such names, too.
/// To remove leftovers only:
///
///   1. XXXXXX is computed from the file's inode number, so a copy or a backup of the file does not
///      match its own number;
///   2. the file is locked from its creation to its end.
namespace buntdb::engine {

inline constexpr std::string_view compaction_infix = ".compact-";
inline constexpr std::string_view save_infix = ".save-";

/// Creates such a file next to `target`. It is empty, locked, and accessible by its owner only.
/// Throws buntdb::error.
std::unique_ptr<io::file> create_unfinished(io::file_system& files, const std::string& target,
                                            std::string_view infix);

/// Removes such files for this target that a crash left: regular files, not symbolic links, that no
/// process has locked. Their names match their inode numbers, or they are empty and accessible by
/// their owner only, as they are before they get that name. Files that cannot be examined or
/// removed stay.
void remove_unfinished(io::file_system& files, const std::string& target);

/// Removes everything that this library has left next to a database that the caller has locked:
/// what remove_unfinished() removes, leftovers of saves in its folder, and what recoveries and
/// repairs have kept aside. Returns the paths of the removed files. Syncs the folder. Throws
/// buntdb::error if something that was kept aside cannot be removed.
std::vector<std::string> remove_remains(io::file_system& files, const std::string& target);

/// Removes leftovers of saves in the folder of `path`, whatever their target is.
void remove_unfinished_saves(io::file_system& files, const std::string& path);

}  // namespace buntdb::engine
