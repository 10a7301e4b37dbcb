#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench::sites {

struct options {
  std::size_t sessions = 1'000'000;
  unsigned rounds = 5;
  double seconds = 5;  ///< for which measure_stalls() watches each activity
  std::filesystem::path folder;
  bool quick = false;

  /// Returns how often to do something in one round that a full run does this often.
  std::size_t amount(std::size_t full) const { return quick ? full / 200 + 2 : full; }
};

/// Measures what a session with a user costs in addition to one without, with payloads of the same
/// size: memory, and the time of a save and of a change. Prints a table.
void measure_users(const options& options);

/// Measures finds, changes and requests, once with requests spread evenly over all sessions, and
/// once with a few sessions that get most of them.
void measure_skew(const options& options);

/// Measures how long a reader and a writer wait at most while the database or the system works in
/// the background.
void measure_stalls(const options& options);

/// Returns the median of the figures, of which there must be at least one.
double median(std::vector<double> figures);

/// Returns a session's id as scs makes it: `h:` and a hash in base64url. Different numbers have
/// different ids.
std::string id_text(std::uint64_t number);

}  // namespace bench::sites
