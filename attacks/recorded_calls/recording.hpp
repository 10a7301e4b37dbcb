#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace buntdb::attacks {

/// A system call that a process made with success, as strace has written it down.
struct recorded_call {
  enum class kind { create, write, truncate, sync, sync_folder, rename, remove, said };

  kind what{};
  std::string path;          ///< of the file; of the folder for sync_folder
  std::string to;            ///< rename: the new name
  std::uint64_t offset = 0;  ///< write; the new size of truncate
  std::string bytes;         ///< write; said: what went to the standard output
};

/// Runs the program of these words under strace, which must be found on the PATH, and returns its
/// calls, in order, that change files in the folder, and what it said. Its own threads besides the
/// first are not recorded. Throws `skipped` if strace may not trace, and model::mismatch if the
/// process fails.
std::vector<recorded_call> record(const std::string& folder, const std::vector<std::string>& words);

}  // namespace buntdb::attacks
