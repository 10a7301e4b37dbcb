#pragma once

#include <cstdint>
#include <optional>

#include <buntdb/clock.hpp>

#include "log/command.hpp"
#include "log/marker.hpp"
#include "log/parse.hpp"
#include "log/window.hpp"

/// The steps with which recovery and salvage read a file.
namespace buntdb::log {

/// Parses the command at `offset`, in a file (or a batch) that ends at `end`. Its views are valid
/// until the window is used again.
parsed_command command_at(window& in, std::uint64_t offset, std::uint64_t end);

/// Returns the valid marker at `offset`, if there is one.
std::optional<marker> marker_at(window& in, std::uint64_t offset);

/// Returns the first valid marker that begins in [offset, in.end()); the marker contains its
/// offset. Takes linear time, however many beginnings of markers there are.
std::optional<marker> next_marker(window& in, std::uint64_t offset);

/// Returns the first position from `offset` on at which the byte is not NUL, or the end.
std::uint64_t skip_nuls(window& in, std::uint64_t offset);

/// Returns checksum() of `length` bytes from `offset` on.
std::uint64_t checksum_at(window& in, std::uint64_t offset, std::uint64_t length);

/// Returns whether a command is a `del` that is a marker, valid or damaged, and does nothing to the
/// database.
bool is_marker_command(const parsed_command& command) noexcept;

/// Returns whether a command may be a marker or a damaged one. If a marker is known to precede it
/// (follows_marker), a torn marker must not be accepted as another program's `del`; otherwise the
/// commands of its batch would be accepted, too, with nothing to verify them.
bool resembles_marker(const parsed_command& command, bool follows_marker) noexcept;

/// Passes all commands in [begin, end) to the sink. They must have been found to be good, with
/// nothing but NULs between them. Throws errc::corrupt if they are no longer good, and what the
/// sink throws.
void replay_commands(window& in, std::uint64_t begin, std::uint64_t end, time_point modified,
                     command_sink& sink);

/// Passes the command to the sink. `ex` counts from `modified`, is rounded down, and saturates.
void apply(const parsed_command& command, time_point modified, command_sink& sink);

}  // namespace buntdb::log
