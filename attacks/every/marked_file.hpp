#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// A file of marked batches and seals as the engine writes it, and its content up to each of them.
/// No marker vouches for about the last eighth of it.
class marked_file {
 public:
  static constexpr std::size_t size = 65'536;

  explicit marked_file(std::uint64_t seed);

  struct piece {
    std::uint64_t begin;     ///< of the marker
    std::uint64_t end;       ///< of the payload
    std::uint64_t vouched;   ///< the marker's `synced`
    std::uint64_t commands;  ///< digest_of() everything up to here
  };

  const std::string& bytes() const noexcept { return bytes_; }
  const std::vector<piece>& pieces() const noexcept { return pieces_; }
  /// Returns how many pieces end at or before the offset.
  std::size_t whole_before(std::uint64_t offset) const;

 private:
  std::string bytes_;
  std::vector<piece> pieces_;
};

/// What recovery must do with a damaged copy of the file.
struct expectation {
  enum class verdict { harmless, cut, refused };
  verdict what;
  std::size_t pieces;  ///< if harmless or cut: how many pieces, from the first, are left
  /// If cut: refusing the file as another program's is also correct. This happens if a length that
  /// a flipped bit changed extends past the batch's end, so that its commands follow, or if the
  /// file ends after a whole command.
  bool may_look_foreign = false;
};

/// Passes the damaged bytes to the two passes of recovery. Throws model::mismatch unless the result
/// is as expected, command by command. If opened_too, also opens them as a database on the
/// simulated disk, and requires that what is cut off is reported and kept.
void require_recovers(const marked_file& original, const std::string& damaged,
                      const expectation& expected, bool opened_too, figures& counts);

}  // namespace buntdb::attacks
