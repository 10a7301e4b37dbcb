#include "gob/output.hpp"

#include <bit>

namespace scs::gob {

namespace {

std::size_t uint_size(std::uint64_t value) noexcept {
  if (value < 0x80) return 1;
  return 1 + (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

}  // namespace

void append_uint(std::string& out, std::uint64_t value) {
  const std::size_t size = uint_size(value) - 1;
  if (size == 0) {
    out += static_cast<char>(value);
    return;
  }
  out += static_cast<char>(0x100 - size);
  for (std::size_t shift = size * 8; shift != 0; shift -= 8)
    out += static_cast<char>(value >> (shift - 8) & 0xFF);
}

void append_int(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  append_uint(out, value < 0 ? ~bits << 1 | 1 : bits << 1);
}

void append_float(std::string& out, double value) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  std::uint64_t reversed = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i, bits >>= 8)
    reversed = reversed << 8 | (bits & 0xFF);
  append_uint(out, reversed);
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_uint(out, bytes.size());
  out += bytes;
}

void output::append_type(std::int64_t id) {
  append_int(bytes_, id);
  used_types_.push_back(id);
}

void output::add_used_types(const std::vector<std::int64_t>& ids) {
  used_types_.insert(used_types_.end(), ids.begin(), ids.end());
}

std::size_t output::open_length() {
  lengths_.push_back({bytes_.size(), 0, size_of_lengths_});
  return lengths_.size() - 1;
}

void output::close_length(std::size_t opened) {
  length& closed = lengths_[opened];
  closed.value = bytes_.size() - closed.position + (size_of_lengths_ - closed.lengths_before);
  size_of_lengths_ += uint_size(closed.value);
}

output::mark output::position() const noexcept {
  return {bytes_.size(), lengths_.size(), used_types_.size(), size_of_lengths_};
}

void output::roll_back(const mark& to) {
  bytes_.resize(to.bytes);
  lengths_.resize(to.lengths);
  used_types_.resize(to.types);
  size_of_lengths_ = to.size_of_lengths;
}

std::string output::finished() const {
  std::string out;
  out.reserve(bytes_.size() + size_of_lengths_);
  std::size_t done = 0;
  for (const length& each : lengths_) {
    out.append(bytes_, done, each.position - done);
    done = each.position;
    append_uint(out, each.value);
  }
  return out.append(bytes_, done);
}

}  // namespace scs::gob
