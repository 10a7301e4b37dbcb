#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace bench {

/// Figures by name, as a child prints them: "NAME VALUE" in a line each. A driver in another
/// language can take part by speaking this.
using child_figures = std::map<std::string, double>;

/// Runs this program anew with --child JOB and gives what it printed. A fresh process has a heap
/// that nothing else has used, and is what a restart looks like. Throws if it fails.
child_figures run_child(const std::string& job, const std::string& contender, std::size_t sessions,
                        const std::filesystem::path& folder);

/// The resident memory of this process.
double resident_bytes();
/// Of another one.
double resident_bytes(int process);

}  // namespace bench
