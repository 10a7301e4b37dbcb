#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace buntdb::log {

/// What stands before every batch. See docs/file-format.md.
struct marker {
  std::uint64_t at = 0;      ///< the marker's own offset in the file
  std::uint64_t number = 0;  ///< 1, 2, 3, … in this file, without a gap
  std::uint64_t length = 0;  ///< bytes of commands that follow and belong to the batch; 0 is a seal
  std::uint64_t synced = 0;  ///< the highest offset known to be on disk when this was written
  std::uint64_t checksum = 0;  ///< of those bytes
  std::uint64_t file = 0;      ///< which file it was written to: new_file_id()

  friend bool operator==(const marker&, const marker&) = default;
};

inline constexpr std::size_t marker_size = 63;

/// The largest value that a marker's integers hold: 48 bits.
inline constexpr std::uint64_t max_marker_field = (std::uint64_t{1} << 48U) - 1;

/// Writes marker_size bytes to out. All fields but the checksum are at most max_marker_field.
void write_marker(const marker& value, char* out) noexcept;

/// A random number that tells the markers of a file from those that a file system may show again of
/// another, such as the one that a compaction has replaced. 24 of its 48 bits follow from the
/// others. Never 0, which is no less valid.
std::uint64_t new_file_id();

/// The marker at the beginning of bytes, which were read from the file at this offset. Empty unless
/// it is whole, its own checksum is right, and it stands where it was written (a copy of a marker
/// inside a value is none, but for one in 2^24).
std::optional<marker> read_marker(std::string_view bytes, std::uint64_t offset) noexcept;

/// Whether the key belongs to the file format, so that no user may set it.
bool is_reserved_key(std::string_view key) noexcept;

/// Whether a `del` of this key can only be a marker, or what damage left of one.
bool is_marker_key(std::string_view key) noexcept;

/// Whether the key may be what damage left of a marker's: of its first seven bytes all are right or
/// NUL (a sector that was torn), but for one at most (a bit that flipped). Users may have such
/// keys: believe it only where markers are known to be.
bool resembles_marker_key(std::string_view key) noexcept;

}  // namespace buntdb::log
