#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace buntdb::attacks {

/// A successful system call of a process, as recorded by strace.
struct recorded_call {
  enum class kind { create, write, truncate, sync, sync_folder, rename, remove, said };

  kind what{};
  std::string path;          ///< of the file; of the folder for sync_folder
  std::string to;            ///< if rename: the new name
  std::uint64_t offset = 0;  ///< of write; the new size of truncate
  std::string bytes;         ///< of write; if said: what went to the standard output
};

/// Runs the program of these words under strace, which must be on the PATH. Returns its calls that
/// change files in the folder, and its output, in order. Its threads other than the first are not
/// recorded. Throws `skipped` if strace may not trace, and model::mismatch if the process fails.
std::vector<recorded_call> record(const std::string& folder, const std::vector<std::string>& words);

}  // namespace buntdb::attacks
