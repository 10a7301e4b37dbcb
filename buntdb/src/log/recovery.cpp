#include "log/recovery.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/parse.hpp"
#include "log/scan.hpp"
#include "log/window.hpp"

namespace buntdb::log {

/// Inspects a file. A member function that finds damage sets found_.damage and returns false.
class inspector {
 public:
  /// Passes each good command to the sink, if there is one.
  inspector(const io::file& file, const io::file_status& status, command_sink* sink)
      : in_(file, status.size), path_(file.path()), sink_(sink) {
    found_.size = status.size;
    found_.modified = status.modified;
  }

  /// Continues where an earlier inspection stopped.
  inspector(const io::file& file, const io::file_status& status, const growing_inspection& earlier)
      : in_(file, status.size),
        path_(file.path()),
        sink_(&earlier.sink_),
        found_(earlier.found_),
        end_(earlier.end_),
        batches_end_(earlier.batches_end_),
        counted_(earlier.counted_),
        counted_in_batches_(earlier.counted_in_batches_),
        last_(earlier.last_) {
    found_.size = status.size;
    found_.modified = status.modified;
  }

  inspection run() {
    while (step()) {
    }
    return std::move(found_);
  }

  /// Stops before damage and leaves it to a later inspection. Returns false if the sink received
  /// commands that turned out to be damaged.
  bool run_to_damage(growing_inspection& later) {
    judges_ = false;
    while (step()) {
    }
    later.found_ = found_;
    later.end_ = end_;
    later.batches_end_ = batches_end_;
    later.counted_ = counted_;
    later.counted_in_batches_ = counted_in_batches_;
    later.last_ = last_;
    return !told_damaged_;
  }

  bool told_damaged() const noexcept { return told_damaged_; }

 private:
  using counts = growing_inspection::counts;

  /// Reads one batch or one command. Returns false at the end, good or bad.
  bool step() {
    const std::uint64_t here = skip_nuls(in_, end_);
    if (here == in_.end()) {
      finish(end_, counted_);
      found_.nul_tail = here - end_;
      return false;
    }
    if (const std::optional<marker> found = marker_at(in_, here); found && is_ours(*found)) {
      return take_batch(here, *found);
    }
    return take_command(here);
  }

  /// Returns whether the marker belongs to this file, and not to an older file whose block the file
  /// system shows again. The first marker decides which file this is.
  bool is_ours(const marker& found) {
    if (!found_.file_id) found_.file_id = found.file;
    return found.file == *found_.file_id;
  }

  bool take_batch(std::uint64_t here, const marker& found) {
    found_.has_markers = true;
    found_.synced = std::max(found_.synced, found.synced);
    const std::uint64_t expected = found_.batches + 1;
    if (found.number != expected) {
      return gap(here, found.number, expected);
    }
    const std::uint64_t begin = here + marker_size;
    if (found.length > in_.end() - begin) {
      return batch_damage(here, found,
                          "the file ends inside batch " + std::to_string(found.number));
    }
    if (checksum_at(in_, begin, found.length) != found.checksum) {
      return batch_damage(
          here, found,
          "the checksum of batch " + std::to_string(found.number) + " does not fit it");
    }
    if (!take_payload(begin, begin + found.length)) {
      return batch_damage(
          here, found,
          "batch " + std::to_string(found.number) + " does not consist of whole commands");
    }
    ++found_.batches;
    last_ = found;
    found_.sealed = found.length == 0 && found.synced == here;
    if (found.length == 0) ++found_.seals;
    end_ = batches_end_ = begin + found.length;
    counted_in_batches_ = counted_;
    return true;
  }

  bool take_payload(std::uint64_t begin, std::uint64_t end) {
    const counts before = counted_;
    while (begin < end) {
      const parsed_command command = command_at(in_, begin, end);
      if (command.status != parse_status::complete || command.kind == command_kind::nothing ||
          is_marker_command(command)) {
        counted_ = before;
        told_damaged_ = true;
        return false;
      }
      take(command);
      begin += command.size;
    }
    return true;
  }

  bool take_command(std::uint64_t here) {
    if (here > end_ && found_.batches > 0) {
      // The marker may be among the NULs: a sector of it that never reached the disk, followed by
      // as much of its commands as did. Nothing would verify them.
      return damaged({.offset = end_, .at = here, .why = "NULs stand where a marker must"});
    }
    const parsed_command command = command_at(in_, here, in_.end());
    if (command.status == parse_status::complete &&
        !resembles_marker(command, found_.has_markers)) {
      take(command);
      found_.sealed = false;
      end_ = here + command.size;
      return true;
    }
    if (command.status == parse_status::cut_short) {
      return damaged({.offset = end_,
                      .at = here,
                      .ends_early = true,
                      .why = "the file ends inside a command"});
    }
    return damaged({.offset = end_,
                    .at = here,
                    .why = command.status == parse_status::damaged ? std::string(command.reason)
                                                                   : "a marker that is damaged"});
  }

  void take(const parsed_command& command) {
    if (command.kind != command_kind::nothing) ++counted_.commands;
    if (command.kind == command_kind::set_after) counted_.relative = true;
    if (command.kind == command_kind::clear) counted_.relative = false;  // nothing of it is left
    if (sink_ != nullptr) apply(command, found_.modified, *sink_);
  }

  void finish(std::uint64_t good_end, const counts& counted) {
    found_.good_end = good_end;
    found_.commands = counted.commands;
    found_.has_relative_expiries = counted.relative;
    found_.next_number = found_.batches + 1;
  }

  /// What is wrong, before it is judged.
  struct problem {
    std::uint64_t offset = 0;  ///< where the good part ends
    std::uint64_t at = 0;      ///< where it was found
    bool ends_early = false;   ///< everything that follows could be the beginning of something good
    bool foreign = false;      ///< commands of another program follow
    /// Everything that follows could be the rest of the file's first marker.
    bool torn_seal = false;
    std::string why;
  };

  /// The numbers of the batches are not consecutive: a batch between them, or its marker, is lost.
  /// The bytes between may be its commands, unverified, so the good part ends with the last batch.
  bool gap(std::uint64_t here, std::uint64_t number, std::uint64_t expected) {
    if (!judges_) return false;
    counted_ = counted_in_batches_;
    return damaged({.offset = batches_end_,
                    .at = here,
                    .why = "batch " + std::to_string(number) + " stands where batch " +
                           std::to_string(expected) + " should"});
  }

  bool batch_damage(std::uint64_t here, const marker& found, std::string why) {
    if (!judges_) return false;
    const std::uint64_t begin = here + marker_size;
    return damaged({.offset = end_,
                    .at = here,
                    .foreign = commands_run_past(begin, begin + found.length),
                    .why = std::move(why)});
  }

  /// Returns whether commands that parse correctly from `begin` continue beyond `end` without a
  /// marker there: another program cut a torn batch as it cuts torn commands, and appended its own.
  bool commands_run_past(std::uint64_t begin, std::uint64_t end) {
    while (begin <= end && begin < in_.end()) {
      const parsed_command command = command_at(in_, begin, in_.end());
      if (command.status != parse_status::complete || resembles_marker(command, found_.has_markers))
        return false;
      begin += command.size;
    }
    return begin > end;
  }

  bool damaged(problem found) {
    if (!judges_) return false;
    look_for_markers_after(found.offset);
    finish(found.offset, counted_);
    found.torn_seal = !found_.has_markers && is_torn_seal(found.offset);
    if (found.offset == 0) line_end_hint_ = line_end_hint();
    found_.damage = judge(found);
    return false;
  }

  /// For a file that begins like one of this library except for its line ends.
  std::string line_end_hint() {
    const std::string_view bytes = in_.at(0, 4);
    const bool is_unix = bytes.starts_with("*2\n") || bytes.starts_with("*3\n") ||
                         bytes.starts_with("*5\n") || bytes.starts_with("*1\n");
    const bool is_doubled = bytes.size() >= 4 && bytes[0] == '*' && bytes.substr(2, 2) == "\r\r";
    if (!is_unix && !is_doubled) return {};
    return "Its line ends were converted, as a transfer in text mode or a version control system "
           "does: copy it again, as a binary file. ";
  }

  /// Returns whether the file ends with what a power cut can leave of a seal: bytes of its head
  /// that are correct or NUL.
  bool is_torn_seal(std::uint64_t offset) {
    const std::uint64_t left = in_.end() - offset;
    if (left > marker_size) return false;
    const std::string_view bytes = in_.at(offset, static_cast<std::size_t>(left));
    const std::size_t head = std::min(bytes.size(), format::marker_head.size());
    for (std::size_t i = 0; i < head; ++i) {
      if (bytes[i] != format::marker_head[i] && bytes[i] != '\0') return false;
    }
    return true;
  }

  /// What to do about damage that an open may not cut off.
  std::string advice() const {
    return "`buntdb repair " + path_ +
           "` saves what is whole, says which changes are lost, and keeps the damaged part aside; "
           "or restore a backup";
  }

  damage judge(const problem& found) const {
    const std::string where =
        path_ + " is damaged at offset " + std::to_string(found.at) + ": " + found.why + ". ";
    damage out;
    out.offset = found.offset;
    if (found.offset < found_.synced) {
      out.reason = where + "All up to offset " + std::to_string(found_.synced) +
                   " is known to have been on disk, so this is no power cut but a loss of data by "
                   "the disk or another program. Nothing was changed; " +
                   advice();
      return out;
    }
    if (!found_.has_markers && !found.ends_early && !found.torn_seal) {
      if (found.offset == 0) {
        out.code = errc::not_a_database;
        out.reason = path_ + " is not a database: it does not begin with a command (offset " +
                     std::to_string(found.at) + ": " + found.why + "). " + line_end_hint_ +
                     "Nothing was changed; if it was one, " + advice();
      } else {
        out.reason = where + "No torn write explains that. Nothing was changed; " + advice();
      }
      return out;
    }
    if (found.foreign) {
      out.reason = where +
                   "Another program has appended to the file after a torn write, and its commands "
                   "cannot be told from the torn ones. Nothing was changed; " +
                   advice();
      return out;
    }
    out.verdict = damage_verdict::cut;
    out.reason = where + "The " + std::to_string(in_.end() - found.offset) + " bytes from offset " +
                 std::to_string(found.offset) +
                 " on were not yet known to be on disk: a power cut or a full disk tore them";
    return out;
  }

  /// Every later marker says how far the file was on disk, whatever happened to its batch.
  void look_for_markers_after(std::uint64_t offset) {
    while (const std::optional<marker> found = next_marker(in_, offset)) {
      offset = found->at + 1;
      if (!is_ours(*found)) continue;
      found_.has_markers = true;
      found_.synced = std::max(found_.synced, found->synced);
    }
  }

  window in_;
  const std::string& path_;
  command_sink* sink_;
  inspection found_;
  std::uint64_t end_ = 0;          ///< the end of the last good batch or command
  std::uint64_t batches_end_ = 0;  ///< the end of the last good batch
  counts counted_;
  counts counted_in_batches_;  ///< up to batches_end_
  std::optional<marker> last_;
  bool judges_ = true;
  /// The sink received commands of a batch that does not consist of whole commands.
  bool told_damaged_ = false;
  std::string line_end_hint_;
};

bool growing_inspection::is_same_file(const io::file& file, const io::file_status& status) const {
  if (end_ == 0) return true;  // nothing was read
  if (status.device != device_ || status.inode != inode_ || status.size < end_) return false;
  if (!last_) return true;
  std::array<char, marker_size> bytes{};
  const std::size_t size = file.read_at(last_->at, bytes);
  return read_marker({bytes.data(), size}, last_->at) == last_;
}

bool growing_inspection::advance(const io::file& file, const io::file_status& status) {
  if (!is_same_file(file, status)) return false;
  device_ = status.device;
  inode_ = status.inode;
  return inspector(file, status, *this).run_to_damage(*this);
}

std::optional<inspection> growing_inspection::finish(const io::file& file,
                                                     const io::file_status& status) {
  if (!is_same_file(file, status)) return std::nullopt;
  return inspector(file, status, *this).run();
}

inspection inspect(const io::file& file) {
  return inspector(file, file.status(), nullptr).run();
}

inspection inspect(const io::file& file, const io::file_status& status, command_sink& sink) {
  return inspector(file, status, &sink).run();
}

inspection inspect_live(const io::file& file, inspection found) {
  // A second look covers only what was there at the first one; otherwise a writer that never pauses
  // would always be ahead.
  for (int look = 1; found.damage && look < 5; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    inspection again = inspect(file);
    const bool unchanged =
        again.damage && again.size == found.size && again.damage->offset == found.damage->offset;
    found = std::move(again);
    if (unchanged) break;
  }
  return found;
}

inspection inspect_live(const io::file& file) {
  return inspect_live(file, inspect(file));
}

void replay(const io::file& file, const inspection& inspected, command_sink& sink) {
  window in(file, inspected.good_end);
  replay_commands(in, 0, inspected.good_end, inspected.modified, sink);
}

}  // namespace buntdb::log
