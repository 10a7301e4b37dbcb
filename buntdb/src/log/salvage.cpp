#include "log/salvage.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/parse.hpp"
#include "log/scan.hpp"
#include "log/window.hpp"

namespace buntdb::log {

namespace {

using namespace std::string_view_literals;

/// How commands begin that are searched for after damage in a file without checksums.
constexpr std::array command_beginnings{"*2\r\n$3\r\n"sv, "*3\r\n$3\r\n"sv, "*5\r\n$3\r\n"sv};

constexpr const char* foreign_commands =
    "what is left of a torn batch, and what another program appended to it";

bool is_kept(piece_kind kind) noexcept {
  return kind == piece_kind::batches || kind == piece_kind::commands ||
         kind == piece_kind::doubtful;
}

class planner {
 public:
  planner(const io::file& file, const io::file_status& status) : in_(file, status.size) {
    plan_.size = status.size;
    plan_.modified = status.modified;
  }

  salvage_plan run() {
    if (const std::optional<marker> first = next_marker(in_, 0)) file_id_ = first->file;
    while (at_ < in_.end())
      step();
    return std::move(plan_);
  }

 private:
  /// Consecutive whole commands.
  struct run_of_commands {
    std::uint64_t end = 0;
    std::uint64_t count = 0;
  };

  /// Processes one batch, one command, or one damaged place.
  void step() {
    const std::uint64_t here = skip_nuls(in_, at_);
    if (here == in_.end()) {
      take(piece_kind::nuls, here);
      return;
    }
    if (const std::optional<marker> found = marker_at(in_, here)) {
      is_ours(*found) ? take_batch(here, *found) : pass_older_file(here, *found);
      return;
    }
    if (here > at_ && last_number_ > 0) {
      pass_damage("NULs stand where a marker must");
      return;
    }
    take(piece_kind::nuls, here);
    const parsed_command command = command_at(in_, here, in_.end());
    if (command.status == parse_status::complete && !resembles_marker(command, last_number_ > 0)) {
      const std::uint64_t count = command.kind == command_kind::nothing ? 0 : 1;
      take(piece_kind::commands, here + command.size, {}, count);
    } else if (command.status == parse_status::complete) {
      pass_damage("a marker that is damaged");
    } else if (command.status == parse_status::cut_short) {
      pass_damage("the file ends inside a command");
    } else {
      pass_damage(std::string(command.reason));
    }
  }

  bool is_ours(const marker& found) const noexcept { return found.file == file_id_; }

  void take_batch(std::uint64_t here, const marker& found) {
    if (found.number <= last_number_) {
      pass_damage("batch " + std::to_string(found.number) + " stands after batch " +
                  std::to_string(last_number_));
      return;
    }
    const std::uint64_t begin = here + marker_size;
    if (found.length > in_.end() - begin) {
      pass_batch(here, found, "the file ends inside batch " + std::to_string(found.number));
      return;
    }
    const std::uint64_t claimed = begin + found.length;
    if (!may_be_checked(here)) {
      pass_batch(here, found,
                 "batch " + std::to_string(found.number) + " lies inside of " +
                     std::to_string(max_overlaps) + " others, none of which is whole");
      return;
    }
    if (checksum_at(in_, begin, found.length) != found.checksum) {
      failed_ends_.push_back(claimed);
      pass_batch(here, found,
                 "the checksum of batch " + std::to_string(found.number) + " does not fit it");
      return;
    }
    const std::uint64_t end = claimed;
    const run_of_commands payload = commands_from(begin, end);
    if (payload.end != end) {
      failed_ends_.push_back(end);
      pass_batch(here, found,
                 "batch " + std::to_string(found.number) + " does not consist of whole commands");
      return;
    }
    if (found.number > last_number_ + 1) {
      plan_.missing.push_back({.first = last_number_ + 1, .last = found.number - 1});
      doubt_commands_after_the_last_batch();
    }
    take(piece_kind::nuls, here);
    take(piece_kind::batches, end, {}, payload.count, found.length == 0 ? 0 : 1);
    last_number_ = found.number;
    last_batch_piece_ = plan_.pieces.size();
  }

  /// Returns whether the checksum of a batch that begins here should be computed. Markers may claim
  /// any length. To bound how often a byte is read, a batch that begins inside too many invalid
  /// batches is not checked.
  bool may_be_checked(std::uint64_t here) {
    std::erase_if(failed_ends_, [here](std::uint64_t end) { return end <= here; });
    return failed_ends_.size() < max_overlaps;
  }

  /// A batch is missing: what is in its place may be its commands without their marker.
  void doubt_commands_after_the_last_batch() {
    for (std::size_t i = last_batch_piece_; i < plan_.pieces.size(); ++i) {
      piece& each = plan_.pieces[i];
      if (each.kind != piece_kind::commands) continue;
      each.kind = piece_kind::doubtful;
      each.why = "no checksum covers these commands, and a batch is missing in their place";
    }
  }

  /// A batch of an older file, in a block that the file system shows again.
  void pass_older_file(std::uint64_t here, const marker& found) {
    const std::uint64_t begin = here + marker_size;
    const std::optional<marker> next = marker_after(here + 1);
    const std::uint64_t limit = next ? next->at : in_.end();
    take(piece_kind::lost, std::min(begin + found.length, std::max(begin, limit)),
         "a batch of another file, in whose place this one is");
  }

  /// Skips a batch that its marker proves to be wrong: nothing of it is kept. What follows it may
  /// be from another program, which may also have taken a torn batch for commands and appended to
  /// it.
  void pass_batch(std::uint64_t here, const marker& found, std::string why) {
    const std::uint64_t begin = here + marker_size;
    const std::optional<marker> next = marker_after(here + 1);
    const std::uint64_t limit = next ? next->at : in_.end();
    if (found.length >= limit - begin) {
      const run_of_commands run = commands_from(begin, limit);
      // A torn write does not end here: another program cut the torn batch and appended to it.
      const bool is_foreign = !next && run.end == limit && run.end % format::sector_size != 0;
      if (is_foreign && found.length > limit - begin) {
        take(piece_kind::lost, begin, std::move(why));
        take(piece_kind::doubtful, limit, foreign_commands, run.count);
        return;
      }
      take(piece_kind::lost, limit, std::move(why));
      return;
    }
    const std::uint64_t end = begin + found.length;
    const bool is_aligned = commands_from(begin, end).end == end;
    const run_of_commands run = commands_from(begin, limit);
    if (!is_aligned && run.end > end) {
      take(piece_kind::lost, begin, std::move(why));
      take(piece_kind::doubtful, run.end, foreign_commands, run.count);
      return;
    }
    const bool goes_on = in_.at(end, 1).front() == '\0' || commands_from(end, limit).count > 0;
    take(piece_kind::lost, goes_on ? end : limit, std::move(why));
  }

  /// The bytes at at_ are neither a batch nor a command.
  void pass_damage(std::string why) {
    const std::optional<marker> next = marker_after(at_ + 1);
    const std::uint64_t limit = next ? next->at : in_.end();
    // A batch of which only the marker is damaged.
    const std::uint64_t payload = at_ + marker_size;
    if (payload < limit && (last_number_ > 0 || (next && next->number > 1))) {
      const run_of_commands run = commands_from(payload, limit);
      if (run.end == limit && run.count > 0) {
        take(piece_kind::lost, payload, std::move(why));
        take(piece_kind::doubtful, limit, "commands whose marker is damaged", run.count);
        return;
      }
    }
    const bool has_no_markers = last_number_ == 0 && (!next || next->number == 1);
    if (!has_no_markers) {
      take(piece_kind::lost, limit, std::move(why));
      return;
    }
    const std::uint64_t found = next_command(at_ + 1, limit);
    take(piece_kind::lost, found, std::move(why));
    if (found == limit) return;
    const run_of_commands run = commands_from(found, limit);
    take(piece_kind::doubtful, run.end, "commands without checksums behind damage", run.count);
  }

  /// Returns the next valid marker of a batch that may still come. Each search is done once.
  std::optional<marker> marker_after(std::uint64_t offset) {
    const bool is_known = searched_from_ <= offset &&
                          (!next_ || (next_->at >= offset && next_->number > last_number_));
    if (!is_known) {
      searched_from_ = offset;
      next_ = next_marker(in_, offset);
      while (next_ && (next_->number <= last_number_ || !is_ours(*next_)))
        next_ = next_marker(in_, next_->at + 1);
    }
    return next_;
  }

  /// Parses whole commands from `begin`, no further than `end`.
  run_of_commands commands_from(std::uint64_t begin, std::uint64_t end) {
    run_of_commands run{.end = begin};
    while (run.end < end) {
      const parsed_command command = command_at(in_, run.end, end);
      if (command.status != parse_status::complete || command.kind == command_kind::nothing ||
          resembles_marker(command, last_number_ > 0)) {
        break;
      }
      run.end += command.size;
      ++run.count;
    }
    return run;
  }

  /// Returns the offset of the next whole `set` or `del` in [offset, limit), or `limit` if there is
  /// none.
  std::uint64_t next_command(std::uint64_t offset, std::uint64_t limit) {
    while (offset < limit) {
      const std::string_view bytes = in_.at(offset, command_beginnings[0].size());
      const std::size_t star = bytes.find('*');
      if (star == std::string_view::npos) {
        offset += bytes.size();
        continue;
      }
      offset += star;
      if (offset >= limit) break;
      const std::string_view here = in_.at(offset, command_beginnings[0].size());
      const bool begins = std::any_of(command_beginnings.begin(), command_beginnings.end(),
                                      [here](auto each) { return here.starts_with(each); });
      if (begins && commands_from(offset, limit).count > 0) return offset;
      ++offset;
    }
    return limit;
  }

  /// Records that everything from at_ to `end` is of this kind.
  void take(piece_kind kind, std::uint64_t end, std::string why = {}, std::uint64_t commands = 0,
            std::uint64_t batches = 0) {
    if (end == at_) return;
    const bool goes_on = !plan_.pieces.empty() && plan_.pieces.size() > last_batch_piece_ &&
                         plan_.pieces.back().kind == kind && why.empty();
    const bool more_batches = kind == piece_kind::batches && !plan_.pieces.empty() &&
                              plan_.pieces.back().kind == piece_kind::batches;
    if (!goes_on && !more_batches) {
      plan_.pieces.push_back({.kind = kind, .offset = at_, .why = std::move(why)});
    }
    piece& last = plan_.pieces.back();
    last.size += end - at_;
    last.commands += commands;
    last.batches += batches;
    at_ = end;
  }

  /// Each crash, if another program then continues the file, leaves one batch inside another.
  static constexpr std::size_t max_overlaps = 8;

  window in_;
  salvage_plan plan_;
  std::uint64_t at_ = 0;
  std::uint64_t file_id_ = 0;         ///< of its first marker; markers of other files are ignored
  std::uint64_t last_number_ = 0;     ///< of the last good batch
  std::size_t last_batch_piece_ = 0;  ///< the index after its piece
  std::vector<std::uint64_t> failed_ends_;  ///< where invalid batches claim to end
  std::optional<marker> next_;              ///< the result of marker_after()
  std::uint64_t searched_from_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace

std::uint64_t salvage_plan::bytes(piece_kind kind) const noexcept {
  std::uint64_t sum = 0;
  for (const piece& each : pieces)
    sum += each.kind == kind ? each.size : 0;
  return sum;
}

std::uint64_t salvage_plan::commands(piece_kind kind) const noexcept {
  std::uint64_t sum = 0;
  for (const piece& each : pieces)
    sum += each.kind == kind ? each.commands : 0;
  return sum;
}

std::uint64_t salvage_plan::batches() const noexcept {
  std::uint64_t sum = 0;
  for (const piece& each : pieces)
    sum += each.batches;
  return sum;
}

std::uint64_t salvage_plan::kept_commands() const noexcept {
  return commands(piece_kind::batches) + commands(piece_kind::commands) +
         commands(piece_kind::doubtful);
}

std::uint64_t salvage_plan::first_damage() const noexcept {
  for (const piece& each : pieces) {
    if (each.kind == piece_kind::lost || each.kind == piece_kind::doubtful) return each.offset;
  }
  return size;
}

salvage_plan plan_salvage(const io::file& file) {
  return planner(file, file.status()).run();
}

void replay(const io::file& file, const salvage_plan& plan, command_sink& sink) {
  window in(file, plan.size);
  for (const piece& each : plan.pieces) {
    if (!is_kept(each.kind)) continue;
    replay_commands(in, each.offset, each.offset + each.size, plan.modified, sink);
  }
}

}  // namespace buntdb::log
