#include "log/marker.hpp"

#include <cassert>
#include <cstring>
#include <random>

#include "log/checksum.hpp"
#include "log/format.hpp"

namespace buntdb::log {
namespace {

static_assert(format::end_offset + format::crlf.size() == marker_size);
static_assert(format::marker_head.size() + 40 - 4 == format::end_offset);

void put(char* out, std::uint64_t value, std::size_t width) noexcept {
  for (std::size_t i = 0; i < width; ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

std::uint64_t take(const char* in, std::size_t width) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(in[i])} << (8 * i);
  }
  return value;
}

/// Covers the marker's own bytes, including its head, up to this checksum.
std::uint64_t header_checksum(const char* bytes) noexcept {
  return checksum({bytes, format::header_checksum_offset}) & 0xffff'ffffU;
}

constexpr unsigned random_bits = 24;
constexpr std::uint64_t random_mask = (std::uint64_t{1} << random_bits) - 1;

std::uint64_t file_id_of(std::uint64_t random) noexcept {
  // SplitMix64, changed so that 0 maps to 0.
  std::uint64_t mixed = random * 0x9e37'79b9'7f4a'7c15;
  mixed = (mixed ^ mixed >> 30U) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ mixed >> 27U) * 0x94d0'49bb'1331'11eb;
  return random | (mixed >> 32U & random_mask) << random_bits;
}

bool is_file_id(std::uint64_t id) noexcept {
  return id == file_id_of(id & random_mask);
}

}  // namespace

std::uint64_t new_file_id() {
  std::random_device random;
  return file_id_of(1 + random() % random_mask);
}

void write_marker(const marker& value, char* out) noexcept {
  assert(value.at <= max_marker_field && value.number <= max_marker_field);
  assert(value.length <= max_marker_field && value.synced <= value.at);
  std::memcpy(out, format::marker_head.data(), format::marker_head.size());
  put(out + format::at_offset, value.at ^ value.file, 6);
  put(out + format::number_offset, value.number, 6);
  put(out + format::length_offset, value.length, 6);
  put(out + format::synced_offset, value.synced, 6);
  put(out + format::checksum_offset, value.checksum, 8);
  put(out + format::header_checksum_offset, header_checksum(out), 4);
  std::memcpy(out + format::end_offset, format::crlf.data(), format::crlf.size());
}

std::optional<marker> read_marker(std::string_view bytes, std::uint64_t offset) noexcept {
  if (bytes.size() < marker_size || !bytes.starts_with(format::marker_head)) return std::nullopt;
  const char* in = bytes.data();
  if (bytes.substr(format::end_offset, format::crlf.size()) != format::crlf) return std::nullopt;
  if (take(in + format::header_checksum_offset, 4) != header_checksum(in)) return std::nullopt;
  const marker value{.at = offset,
                     .number = take(in + format::number_offset, 6),
                     .length = take(in + format::length_offset, 6),
                     .synced = take(in + format::synced_offset, 6),
                     .checksum = take(in + format::checksum_offset, 8),
                     .file = take(in + format::at_offset, 6) ^ offset};
  if (!is_file_id(value.file) || value.synced > value.at) return std::nullopt;
  return value;
}

bool is_reserved_key(std::string_view key) noexcept {
  return key.starts_with(format::reserved_prefix);
}

bool is_marker_key(std::string_view key) noexcept {
  return key.size() == format::marker_key_size && is_reserved_key(key);
}

bool resembles_marker_key(std::string_view key) noexcept {
  if (key.size() != format::marker_key_size) return false;
  const std::string_view head =
      format::marker_head.substr(format::marker_head.find(format::reserved_prefix));
  int wrong = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (key[i] != head[i] && key[i] != '\0') ++wrong;
  }
  return wrong <= 1;
}

}  // namespace buntdb::log
