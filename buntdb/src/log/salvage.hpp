#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"
#include "log/command.hpp"

/// What can be saved of a file that an open refuses. Like recovery, in two passes: plan_salvage()
/// says what every byte is and applies nothing, replay() gives what is worth keeping.
///
///   1. A batch is kept if its marker and its checksum hold, wherever it stands, in the order of
///      the numbers. One whose checksum does not hold is never kept, not in part either.
///   2. Commands without a checksum are kept where an open would take them, too.
///   3. After damage they are doubtful, and kept only if the bytes say where they begin: right
///      after a marker that is damaged itself, up to the next valid one; in what another program
///      appended to a torn batch; and, in a part of the file that has no markers at all, from the
///      next bytes on that are a whole `set` or `del`. (Bytes inside a value may look like that:
///      which is why no other part of the file is searched for commands.)
///   4. Memory is bounded by the largest command and the number of damaged places, and time by the
///      size of the file: a batch that begins inside of eight others, none of which was whole, is
///      not looked at.
namespace buntdb::log {

/// What a stretch of the file is.
enum class piece_kind {
  batches,   ///< marked, with checksums that hold; seals too
  commands,  ///< without checksums, and with no damage before them that puts them in doubt
  doubtful,  ///< whole commands after damage, without checksums: kept, but to be looked at
  nuls,      ///< NUL bytes that stand for nothing
  lost,      ///< damaged: not kept
};

struct piece {
  piece_kind kind = piece_kind::lost;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t batches = 0;   ///< seals not among them
  std::uint64_t commands = 0;  ///< markers not among them
  std::string why;             ///< lost, doubtful: what is wrong, for a person
};

/// Batches whose numbers are missing: their bytes are among what is lost, or are gone.
struct missing_batches {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct salvage_plan {
  std::uint64_t size = 0;     ///< of the file
  time_point modified{};      ///< of the file; `ex` counts from it
  std::vector<piece> pieces;  ///< all of the file, in its order
  std::vector<missing_batches> missing;

  /// Sums over the pieces of one kind.
  std::uint64_t bytes(piece_kind kind) const noexcept;
  std::uint64_t commands(piece_kind kind) const noexcept;
  std::uint64_t batches() const noexcept;
  /// Commands that replay() gives.
  std::uint64_t kept_commands() const noexcept;
  /// Where the first piece that is lost or doubtful begins; size if there is none.
  std::uint64_t first_damage() const noexcept;
};

/// Throws buntdb::error if the file cannot be read.
salvage_plan plan_salvage(const io::file& file);

/// Gives the sink every command that is kept, in order; `ex` becomes absolute. Throws buntdb::error
/// if the file cannot be read or is not what it was, and what the sink throws.
void replay(const io::file& file, const salvage_plan& plan, command_sink& sink);

}  // namespace buntdb::log
