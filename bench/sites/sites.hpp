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
  double seconds = 5;  ///< of each activity that measure_stalls() watches
  std::filesystem::path folder;
  bool quick = false;

  /// How often to do a thing, if so often in a full run.
  std::size_t amount(std::size_t full) const { return quick ? full / 200 + 2 : full; }
};

/// What a session with a user costs beyond one without, with payloads of the same size: memory, and
/// the time of a save and of a change. Prints a table.
void measure_users(const options& options);

/// Finds, changes and requests, with all sessions alike and with a few that get most requests.
void measure_skew(const options& options);

/// How long a reader and a writer wait at most, while the database or the system works in the
/// background.
void measure_stalls(const options& options);

/// The middle one of the figures, which are not empty.
double median(std::vector<double> figures);

/// A session's id as scs makes it: `h:` and a hash in base64url. Another number, another id.
std::string id_text(std::uint64_t number);

}  // namespace bench::sites
