#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <buntdb/limits.hpp>

/// The grammar of the file, in one place. docs/file-format.md explains it.
///
///   file     = *( NULs | command | batch )
///   batch    = marker 1*command | seal          the marker counts and checks the commands' bytes
///   seal     = marker                           of length 0
///   command  = "*3" crlf set bulk(key) bulk(value)
///            | "*5" crlf set bulk(key) bulk(value) ( ae | ex ) bulk(seconds)
///            | "*2" crlf del bulk(key)
///            | "*1" crlf flushdb
///            | "*0" crlf                        does nothing; never inside a batch
///   bulk(x)  = "$" length-of-x crlf x crlf
///   marker   = "*2\r\n$3\r\ndel\r\n$43\r\n" marker-key "\r\n"
///   marker-key = NUL "bunt:" "1" at:6 number:6 length:6 synced:6 checksum:8 header-checksum:4
///
/// Integers in a marker are little-endian; the number is the field's width in bytes.
namespace buntdb::log::format {

using std::string_view_literals::operator""sv;

inline constexpr std::string_view crlf = "\r\n"sv;

/// Keys that begin with this belong to the file format.
inline constexpr std::string_view reserved_prefix = "\0bunt:"sv;

/// A reserved key of this length can only be a marker's.
inline constexpr std::size_t marker_key_size = 43;

/// The beginning of every marker, up to and including the version of its layout.
inline constexpr std::string_view marker_head = "*2\r\n$3\r\ndel\r\n$43\r\n\0bunt:1"sv;

/// The offsets of the fields of a marker, counted from its first byte.
inline constexpr std::size_t at_offset = marker_head.size();
inline constexpr std::size_t number_offset = at_offset + 6;
inline constexpr std::size_t length_offset = number_offset + 6;
inline constexpr std::size_t synced_offset = length_offset + 6;
inline constexpr std::size_t checksum_offset = synced_offset + 6;
inline constexpr std::size_t header_checksum_offset = checksum_offset + 8;
inline constexpr std::size_t end_offset = header_checksum_offset + 4;

/// The least amount that a disk writes as a whole. A torn write ends at a multiple of it: the
/// system tears writes between pages, whose size is a multiple of this.
inline constexpr std::uint64_t sector_size = 512;

/// No command has more arguments than `set KEY VALUE ae SECONDS`.
inline constexpr unsigned max_arguments = 5;

/// The greatest size of a key that is read. This library sets no key longer than max_key_size, but
/// BuntDB does.
inline constexpr std::size_t max_read_key_size = max_value_size;

/// No length needs more digits. More leading zeros than that are damage.
inline constexpr std::size_t max_length_digits = 20;

/// Room for a 64-bit number, its sign, and the leading zeros that BuntDB accepts.
inline constexpr std::size_t max_seconds_size = 32;

}  // namespace buntdb::log::format
