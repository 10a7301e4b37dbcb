#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// A file of marked batches and seals as the engine writes it, and what it says up to each of them.
/// Its last eighth or so is not vouched for by any marker.
class marked_file {
 public:
  static constexpr std::size_t size = 65'536;

  explicit marked_file(std::uint64_t seed);

  struct piece {
    std::uint64_t begin;     ///< of the marker
    std::uint64_t end;       ///< of the payload
    std::uint64_t vouched;   ///< what the marker's `synced` says
    std::uint64_t commands;  ///< what digest_of() gives for all up to here
  };

  const std::string& bytes() const noexcept { return bytes_; }
  const std::vector<piece>& pieces() const noexcept { return pieces_; }
  /// How many pieces end at or before the offset.
  std::size_t whole_before(std::uint64_t offset) const;

 private:
  std::string bytes_;
  std::vector<piece> pieces_;
};

/// What recovery must do with a damaged copy of the file.
struct expectation {
  enum class verdict { harmless, cut, refused };
  verdict what;
  std::size_t pieces;  ///< harmless, cut: the file's first so many are what is left
  /// cut: refused will do, too, as another program's: if a length that one flipped bit changed
  /// swallows the batch's end, so that its commands follow, or if it ends after a whole command.
  bool may_look_foreign = false;
};

/// Gives the damaged bytes to the two passes of recovery; throws model::mismatch unless they do
/// what is expected, command by command. When opened_too, gives the bytes to a whole database on
/// the simulated disk as well, and requires that it reports what it cuts, and keeps it.
void require_recovers(const marked_file& original, const std::string& damaged,
                      const expectation& expected, bool opened_too, figures& counts);

}  // namespace buntdb::attacks
