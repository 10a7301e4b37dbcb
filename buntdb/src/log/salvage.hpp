#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"
#include "log/command.hpp"

/// What can be saved of a file that an open refuses. Like recovery, it has two passes:
/// plan_salvage() classifies every byte and applies nothing; replay() applies what should be kept.
///
///   1. A batch is kept if its marker and its checksum are correct, wherever it is, in the order of
///      the numbers. A batch whose checksum is wrong is never kept, not even in part.
///   2. Commands without a checksum are kept where an open would accept them, too.
///   3. After damage they are doubtful, and are kept only if the bytes show where they begin:
///      directly after a damaged marker, up to the next valid one; in what another program appended
///      to a torn batch; and, in a part of the file that has no markers at all, from the next bytes
///      on that are a whole `set` or `del`. (Bytes inside a value may look like that, so no other
///      part of the file is searched for commands.)
///   4. Memory is bounded by the largest command and the number of damaged places, and time by the
///      size of the file: a batch that begins inside eight other invalid batches is not examined.
namespace buntdb::log {

/// What a section of the file is.
enum class piece_kind {
  batches,   ///< marked, with correct checksums; includes seals
  commands,  ///< without checksums, and without damage before them that makes them doubtful
  /// Whole commands after damage, without checksums. They are kept but should be examined.
  doubtful,
  nuls,  ///< NUL bytes without meaning
  lost,  ///< damaged: not kept
};

struct piece {
  piece_kind kind = piece_kind::lost;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t batches = 0;   ///< without seals
  std::uint64_t commands = 0;  ///< without markers
  std::string why;             ///< if lost or doubtful: what is wrong, as text for a person
};

/// Batches whose numbers are missing. Their bytes are among the lost ones, or no longer exist.
struct missing_batches {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct salvage_plan {
  std::uint64_t size = 0;     ///< of the file
  time_point modified{};      ///< of the file; `ex` counts from it
  std::vector<piece> pieces;  ///< the whole file, in order
  std::vector<missing_batches> missing;

  /// Return sums over the pieces of one kind.
  std::uint64_t bytes(piece_kind kind) const noexcept;
  std::uint64_t commands(piece_kind kind) const noexcept;
  std::uint64_t batches() const noexcept;
  /// Returns the number of commands that replay() applies.
  std::uint64_t kept_commands() const noexcept;
  /// Returns where the first lost or doubtful piece begins; `size` if there is none.
  std::uint64_t first_damage() const noexcept;
};

/// Makes the plan. Throws buntdb::error if the file cannot be read.
salvage_plan plan_salvage(const io::file& file);

/// Passes every command that is kept to the sink, in order; `ex` becomes absolute. Throws
/// buntdb::error if the file cannot be read or has changed, and what the sink throws.
void replay(const io::file& file, const salvage_plan& plan, command_sink& sink);

}  // namespace buntdb::log
