#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace buntdb::log {

/// The marker that precedes every batch. See docs/file-format.md.
struct marker {
  std::uint64_t at = 0;      ///< the marker's own offset in the file
  std::uint64_t number = 0;  ///< 1, 2, 3, … in this file, without a gap
  /// The size of the commands that follow and belong to the batch, in bytes. 0 is a seal.
  std::uint64_t length = 0;
  std::uint64_t synced = 0;    ///< The highest offset known to be on disk when this was written.
  std::uint64_t checksum = 0;  ///< of those commands
  std::uint64_t file = 0;      ///< the file to which it was written: new_file_id()

  friend bool operator==(const marker&, const marker&) = default;
};

inline constexpr std::size_t marker_size = 63;

/// The largest value of a marker's integers: 48 bits.
inline constexpr std::uint64_t max_marker_field = (std::uint64_t{1} << 48U) - 1;

/// Writes marker_size bytes to `out`. All fields except the checksum must be at most
/// max_marker_field.
void write_marker(const marker& value, char* out) noexcept;

/// Returns a random number that distinguishes the markers of a file from those of another file
/// whose blocks a file system may show again, such as the file that a compaction replaced. 24 of
/// its 48 bits are derived from the others. It is never 0, which is also a valid id.
std::uint64_t new_file_id();

/// Returns the marker at the beginning of `bytes`, which were read from the file at this offset.
/// Returns nothing unless it is whole, its own checksum is correct, and it is at the offset for
/// which it was written (so a copy of a marker inside a value is not accepted, except for one in
/// 2^24).
std::optional<marker> read_marker(std::string_view bytes, std::uint64_t offset) noexcept;

/// Returns whether the key belongs to the file format, so that no user may set it.
bool is_reserved_key(std::string_view key) noexcept;

/// Returns whether a `del` of this key can only be a marker, or a damaged one.
bool is_marker_key(std::string_view key) noexcept;

/// Returns whether the key may be that of a damaged marker: of its first seven bytes all are
/// correct or NUL (a torn sector), except for at most one (a flipped bit). Users may have such
/// keys, so use this only where markers are known to be.
bool resembles_marker_key(std::string_view key) noexcept;

}  // namespace buntdb::log
