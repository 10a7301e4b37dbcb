#include "log/scan.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>

#include <buntdb/error.hpp>

#include "log/checksum.hpp"
#include "log/format.hpp"

namespace buntdb::log {

namespace {

/// Returns when an item expires that lives this many seconds from `modified` on. Rounded down, so
/// that it may expire up to a second early but never late.
std::int64_t seconds_from(time_point modified, std::int64_t seconds) noexcept {
  const std::int64_t base =
      std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count();
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(base, seconds, &sum)) return sum;
  return seconds > 0 ? std::numeric_limits<std::int64_t>::max()
                     : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

parsed_command command_at(window& in, std::uint64_t offset, std::uint64_t end) {
  std::size_t wanted = 1;
  while (true) {
    std::string_view bytes = in.at(offset, wanted);
    const std::uint64_t left = end - offset;
    const window_end what_follows =
        bytes.size() < left ? window_end::more_follows : window_end::end_of_file;
    if (bytes.size() > left) bytes = bytes.substr(0, static_cast<std::size_t>(left));
    parsed_command command = parse_command(bytes, what_follows);
    if (command.status != parse_status::needs_more) return command;
    // If the length exceeds what is left, the command is cut short; no further bytes need to be
    // read.
    if (command.size > left) {
      command.status = parse_status::cut_short;
      return command;
    }
    wanted = command.size;
  }
}

std::optional<marker> marker_at(window& in, std::uint64_t offset) {
  std::string_view bytes = in.at(offset, format::marker_head.size());
  if (!bytes.starts_with(format::marker_head)) return std::nullopt;
  if (bytes.size() < marker_size) bytes = in.at(offset, marker_size);
  return read_marker(bytes, offset);
}

std::uint64_t skip_nuls(window& in, std::uint64_t offset) {
  while (offset < in.end()) {
    const std::string_view bytes = in.at(offset, 1);
    const std::size_t found = bytes.find_first_not_of('\0');
    if (found != std::string_view::npos) return offset + found;
    offset += bytes.size();
  }
  return offset;
}

std::uint64_t checksum_at(window& in, std::uint64_t offset, std::uint64_t length) {
  if (length <= window::usual_size) {
    const auto size = static_cast<std::size_t>(length);
    return checksum(in.at(offset, size).substr(0, size));
  }
  streaming_checksum sum;
  while (length > 0) {
    const std::string_view bytes = in.at(offset, 1);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), length));
    sum.add(bytes.substr(0, size));
    offset += size;
    length -= size;
  }
  return sum.result();
}

/// Each possible beginning of a marker is examined once.
std::optional<marker> next_marker(window& in, std::uint64_t offset) {
  while (in.end() - offset >= marker_size) {
    const std::string_view bytes = in.at(offset, marker_size);
    std::size_t next = 0;
    while (bytes.size() - next >= marker_size) {
      const std::size_t found = bytes.find(format::marker_head, next);
      if (found == std::string_view::npos || bytes.size() - found < marker_size) {
        // The rest of the window may be the beginning of a marker.
        next = std::max(next, std::min(found, bytes.size() - (marker_size - 1)));
        break;
      }
      if (const auto marker = read_marker(bytes.substr(found), offset + found)) return marker;
      next = found + 1;
    }
    offset += next;
  }
  return std::nullopt;
}

bool is_marker_command(const parsed_command& command) noexcept {
  return command.kind == command_kind::erase && is_marker_key(command.key);
}

bool resembles_marker(const parsed_command& command, bool follows_marker) noexcept {
  return is_marker_command(command) || (follows_marker && command.kind == command_kind::erase &&
                                        resembles_marker_key(command.key));
}

void replay_commands(window& in, std::uint64_t begin, std::uint64_t end, time_point modified,
                     command_sink& sink) {
  for (std::uint64_t here = begin; (here = skip_nuls(in, here)) < end;) {
    const parsed_command command = command_at(in, here, end);
    if (command.status != parse_status::complete) {
      throw error(errc::corrupt, in.path() + " changed at offset " + std::to_string(here) +
                                     " while it was read; is another program writing to it?");
    }
    if (!is_marker_command(command)) apply(command, modified, sink);
    here += command.size;
  }
}

void apply(const parsed_command& command, time_point modified, command_sink& sink) {
  switch (command.kind) {
    case command_kind::nothing:
      break;
    case command_kind::set:
      sink.set(command.key, command.value);
      break;
    case command_kind::set_at:
      sink.set_expiring(command.key, command.value, command.seconds);
      break;
    case command_kind::set_after:
      sink.set_expiring(command.key, command.value, seconds_from(modified, command.seconds));
      break;
    case command_kind::erase:
      sink.erase(command.key);
      break;
    case command_kind::clear:
      sink.clear();
      break;
  }
}

}  // namespace buntdb::log
