#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace bench {

/// Figures by name, as a child prints them: "NAME VALUE" in a line each. A driver in another
/// language can take part with this format.
using child_figures = std::map<std::string, double>;

/// Runs this program again with --child JOB, and returns what it printed. A new process has a heap
/// that nothing else has used, and is in the state of a restart. Throws if it fails.
child_figures run_child(const std::string& job, const std::string& contender, std::size_t sessions,
                        const std::filesystem::path& folder);

/// Returns the resident memory of this process, in bytes.
double resident_bytes();
/// Returns the resident memory of another process, in bytes.
double resident_bytes(int process);

}  // namespace bench
