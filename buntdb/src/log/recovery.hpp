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

/// Reading a file that was not closed properly: inspect() finds where the good part ends, and
/// replay() applies it. Nearly every file is good to its end, so inspect() can pass each command to
/// a sink on the way; the sink must discard them if there is damage. docs/file-format.md describes
/// the algorithm.
///
///   1. Nothing is written before a person or the options could refuse: inspect() and replay() only
///      read.
///   2. What is cut off is first kept in a file next to the database, and that copy is on disk
///      before the cut.
///   3. Memory is bounded by the largest value in the file, whatever lengths the file claims.
namespace buntdb::log {

/// What to do about damage.
enum class damage_verdict {
  cut,     ///< explained by a power cut or a torn write: cut() may be called
  refuse,  ///< Data that was on disk has been lost, or the damage is not this library's to cut off.
};

struct damage {
  std::uint64_t offset = 0;  ///< everything before it is good
  damage_verdict verdict = damage_verdict::refuse;
  errc code = errc::corrupt;
  std::string reason;  ///< a sentence for a person that names the file and the offset
};

/// The result of inspecting a file, without having applied any of it.
struct inspection {
  std::uint64_t size = 0;      ///< of the file
  time_point modified{};       ///< of the file; `ex` counts from it
  std::uint64_t good_end = 0;  ///< the end of the valid content; the offset of the damage, if any
  /// The number of NUL bytes between good_end and the end of an undamaged file.
  std::uint64_t nul_tail = 0;
  std::uint64_t next_number = 1;  ///< of the batch or seal to write next
  /// The highest offset for which a marker anywhere in the file vouches.
  std::uint64_t synced = 0;
  std::uint64_t commands = 0;  ///< before good_end, without markers
  std::uint64_t batches = 0;   ///< before good_end, including seals
  std::uint64_t seals = 0;     ///< before good_end
  bool sealed = false;  ///< Whether a seal vouches for everything before good_end, and ends there.
  /// The file id of its markers. Those with another id are ignored.
  std::optional<std::uint64_t> file_id;
  bool has_markers = false;            ///< anywhere in the file, also after the damage
  bool has_relative_expiries = false;  ///< `ex`, before good_end and after the last flushdb
  std::optional<log::damage> damage;
};

/// Inspects a file. Throws buntdb::error only if the file cannot be read.
inspection inspect(const io::file& file);

/// Does the same for a file whose status has just been read, and passes to the sink what replay()
/// would, until damage is found. If there is damage, the sink has received commands that may not
/// count. Also throws what the sink throws.
inspection inspect(const io::file& file, const io::file_status& status, command_sink& sink);

/// For a file that another process may be writing, after a first inspection. An append that is
/// under way looks like a torn one. So damage is reported only if another look, a moment later,
/// finds it unchanged.
inspection inspect_live(const io::file& file, inspection first);
inspection inspect_live(const io::file& file);

/// Inspects a file to which another process appends, and continues later where it stopped. For an
/// open that reads most of the file before it has the lock.
///
///   1. The sink receives only batches whose checksum is correct, and whole commands.
///   2. Nothing is judged before finish(): the end of the file may be an append under way.
///   3. What was read is not read again. The holder of the lock only appends. If the file is a
///      different one all the same, as far as its size and the last marker show it, advance() and
///      finish() report it.
class growing_inspection {
 public:
  /// The sink must outlive this object.
  explicit growing_inspection(command_sink& sink) noexcept : sink_(sink) {}

  /// Reads what the file contains by now. Returns false if the sink has received what may not
  /// count, or if the file is a different one: then both must be started again.
  bool advance(const io::file& file, const io::file_status& status);

  /// Does the same for a file that is locked, and returns what inspect() returns for the whole
  /// file; nothing in the cases in which advance() returns false.
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
  std::uint64_t end_ = 0;          ///< the end of the last good batch or command
  std::uint64_t batches_end_ = 0;  ///< the end of the last good batch
  counts counted_{};
  counts counted_in_batches_{};   ///< up to batches_end_
  std::optional<marker> last_{};  ///< of the last batch
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// Passes every command before good_end to the sink, in order. `ex` becomes absolute: it counts
/// from the file's time of modification at the inspection, is rounded down, and saturates. Throws
/// buntdb::error if the file cannot be read or has changed, and what the sink throws.
void replay(const io::file& file, const inspection& inspected, command_sink& sink);

struct cut_result {
  std::string kept_in;      ///< the path of the file that contains what was cut off
  std::uint64_t bytes = 0;  ///< the size of what was cut off
};

/// Copies the file's content from this offset on to FILE.KIND-OFFSET (mode 0600; FILE.KIND-OFFSET.1
/// and so on if that name is taken). The copy and its name are on disk when this returns. If it
/// throws, there is no copy.
cut_result keep_aside(io::file_system& files, const io::file& file, std::uint64_t from,
                      std::string_view kind);

/// Returns whether cut() is safe, whatever a second power cut leaves of it. The file system may
/// write the zeros with which it fills the last block before it writes the new size. If the file
/// has markers, what is then left is recognized. Without markers it is not. And the time of
/// modification of a file with relative expiries must not change even for a moment. Such a file is
/// instead replaced by a rewritten one, unless it cannot be replaced.
bool may_be_cut_in_place(const inspection& inspected) noexcept;

/// Cuts the file at good_end, after keeping the rest in FILE.cut-OFFSET. Preserves the time of
/// modification. The file is synced when this returns. Only if the verdict is `cut`. If it throws
/// before the copy is on disk, the file is unchanged.
cut_result cut(io::file_system& files, io::file& file, const inspection& inspected);

/// Cuts off the NUL bytes after good_end, preserves the time of modification, and syncs. Must be
/// called before the first append. Does nothing if there are none.
void cut_nul_tail(io::file& file, const inspection& inspected);

}  // namespace buntdb::log
