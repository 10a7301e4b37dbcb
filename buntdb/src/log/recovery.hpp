#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/clock.hpp>
#include <buntdb/error.hpp>

#include "io/file_system.hpp"
#include "log/command.hpp"
#include "log/marker.hpp"

/// Reading a file that was not closed properly: inspect() finds where the good part ends; replay()
/// applies it. Nearly every file is good to its end, so inspect() can tell a sink of each command
/// on the way, which then must forget them if there was damage. docs/file-format.md gives the
/// algorithm.
///
///   1. Nothing is written before a person or the options had a chance to say no: inspect() and
///      replay() only read.
///   2. What is cut is kept beside the file first, and that copy is on disk before the cut.
///   3. Memory is bounded by the largest value in the file, whatever lengths the file claims.
namespace buntdb::log {

/// What to do about damage.
enum class damage_verdict {
  cut,     ///< explained by a power cut or a torn write: cut() may be called
  refuse,  ///< data that was on disk has been lost, or it is not ours to cut
};

struct damage {
  std::uint64_t offset = 0;  ///< what lies before it is good
  damage_verdict verdict = damage_verdict::refuse;
  errc code = errc::corrupt;
  std::string reason;  ///< a sentence that names the file and the offset, for a person
};

/// What a file is, without having applied any of it.
struct inspection {
  std::uint64_t size = 0;         ///< of the file
  time_point modified{};          ///< of the file; `ex` counts from it
  std::uint64_t good_end = 0;     ///< what valid content ends at; the offset of the damage, if any
  std::uint64_t nul_tail = 0;     ///< bytes NUL between good_end and the end of an undamaged file
  std::uint64_t next_number = 1;  ///< of the batch or seal to write next
  std::uint64_t synced = 0;  ///< the highest offset that a marker anywhere in the file vouches for
  std::uint64_t commands = 0;            ///< before good_end, markers not counted
  std::uint64_t batches = 0;             ///< before good_end, seals among them
  std::uint64_t seals = 0;               ///< before good_end
  bool sealed = false;                   ///< a seal vouches for all before good_end, and is its end
  std::optional<std::uint64_t> file_id;  ///< of its markers; those with another one are none
  bool has_markers = false;              ///< anywhere in the file, after the damage too
  bool has_relative_expiries = false;    ///< `ex`, before good_end and after the last flushdb
  std::optional<log::damage> damage;
};

/// Throws buntdb::error only if the file cannot be read.
inspection inspect(const io::file& file);

/// The same of a file that has just been asked for its status, and gives the sink what replay()
/// would give it, as long as no damage has been found. If some was, the sink has seen what may not
/// count. Also throws what the sink throws.
inspection inspect(const io::file& file, const io::file_status& status, command_sink& sink);

/// For a file that another process may be writing, after the first look at it. An append under way
/// looks like a torn one: damage is reported only if another look, a moment later, finds it
/// unchanged.
inspection inspect_live(const io::file& file, inspection first);
inspection inspect_live(const io::file& file);

/// Looks through a file that another process appends to, and goes on later where it stopped: for
/// an open that reads most of the file before it has the lock.
///
///   1. The sink is told only of batches whose checksum is right, and of whole commands.
///   2. Nothing is judged before finish(): the end of the file may be an append under way.
///   3. What was read is not read again. The lock's holder only appends; should the file not be
///   what
///      it was all the same, as far as its size and the last marker tell, advance() and finish()
///      say so.
class growing_inspection {
 public:
  /// The sink must outlive this.
  explicit growing_inspection(command_sink& sink) noexcept : sink_(sink) {}

  /// Reads what the file has by now. False if the sink has been told what may not count, or the
  /// file is another one: then both must be begun anew.
  bool advance(const io::file& file, const io::file_status& status);

  /// The same for a file that is locked, with what inspect() returns of the whole; empty for false.
  std::optional<inspection> finish(const io::file& file, const io::file_status& status);

 private:
  friend class inspector;

  /// What was counted up to some offset.
  struct counts {
    std::uint64_t commands = 0;
    bool relative = false;
  };

  bool is_same_file(const io::file& file, const io::file_status& status) const;

  command_sink& sink_;
  inspection found_{};
  std::uint64_t end_ = 0;          ///< of the last good batch or command
  std::uint64_t batches_end_ = 0;  ///< of the last good batch
  counts counted_{};
  counts counted_in_batches_{};   ///< up to batches_end_
  std::optional<marker> last_{};  ///< of the last batch
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// Gives the sink every command before good_end, in order. `ex` becomes absolute, from
/// the file's time of modification when it was inspected, rounded down and saturating.
/// Throws buntdb::error if the file cannot be read or is not what it was, and what the sink throws.
void replay(const io::file& file, const inspection& inspected, command_sink& sink);

struct cut_result {
  std::string kept_in;      ///< the path of the file that has what was cut
  std::uint64_t bytes = 0;  ///< how much
};

/// Copies what the file has from that offset on to FILE.KIND-OFFSET (0600; or FILE.KIND-OFFSET.1 …,
/// if that name is taken). The copy and its name are on disk when it returns; if it throws, there
/// is none.
cut_result keep_aside(io::file_system& files, const io::file& file, std::uint64_t from,
                      std::string_view kind);

/// Whether cut() is safe, whatever a second power cut leaves of it. The file system may write the
/// zeros with which it fills the last block before it writes the new size. Where the file has
/// markers, what is then left is known for what it is. Without them it is not; and a file with
/// relative expiries must not change its time even for a moment. Such a file is written anew
/// instead, and takes the place of the old one, unless nothing can.
bool may_be_cut_in_place(const inspection& inspected) noexcept;

/// Cuts the file at good_end, after keeping the rest aside in FILE.cut-OFFSET. Keeps the time of
/// modification. Synced when it returns. Only for a verdict of cut. If it throws before the copy is
/// on disk the file is unchanged.
cut_result cut(io::file_system& files, io::file& file, const inspection& inspected);

/// Cuts the NUL bytes after good_end, keeps the time of modification, and syncs. Before the first
/// append this must have been done. Does nothing if there are none.
void cut_nul_tail(io::file& file, const inspection& inspected);

}  // namespace buntdb::log
