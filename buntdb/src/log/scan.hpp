#pragma once

#include <cstdint>
#include <optional>

#include <buntdb/clock.hpp>

#include "log/command.hpp"
#include "log/marker.hpp"
#include "log/parse.hpp"
#include "log/window.hpp"

/// The steps in which recovery and salvage go through a file.
namespace buntdb::log {

/// The command at offset, in a file (or a batch) that ends at `end`. Its views are valid until the
/// window is used again.
parsed_command command_at(window& in, std::uint64_t offset, std::uint64_t end);

/// The valid marker at offset, if there is one.
std::optional<marker> marker_at(window& in, std::uint64_t offset);

/// The first valid marker that begins in [offset, in.end()), in linear time however many beginnings
/// of markers there are; the marker says at which offset it is.
std::optional<marker> next_marker(window& in, std::uint64_t offset);

/// The first offset from `offset` on whose byte is not NUL, or the end.
std::uint64_t skip_nuls(window& in, std::uint64_t offset);

/// checksum() of so many bytes from offset on.
std::uint64_t checksum_at(window& in, std::uint64_t offset, std::uint64_t length);

/// Whether a `del` that parses is a marker, valid or damaged, and nothing to the database.
bool is_marker_command(const parsed_command& command) noexcept;

/// Whether a command may be a marker, or what damage left of one. Where a marker is known to stand
/// before it (follows_marker), a torn marker must not pass for another program's `del`, or the
/// commands of its batch would pass, too, with nothing to check them.
bool resembles_marker(const parsed_command& command, bool follows_marker) noexcept;

/// Gives the sink all commands in [begin, end), which were found to be good, with NULs between them
/// at the most. Throws errc::corrupt if they are no longer good, and what the sink throws.
void replay_commands(window& in, std::uint64_t begin, std::uint64_t end, time_point modified,
                     command_sink& sink);

/// Gives the command to the sink; `ex` counts from `modified`, is rounded down, and saturates.
void apply(const parsed_command& command, time_point modified, command_sink& sink);

}  // namespace buntdb::log
