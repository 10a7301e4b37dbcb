#include "io/text_file.hpp"

#include <algorithm>
#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::io {

file_status text_file::status() const {
  return {.size = bytes_.size(), .modified = modified_, .is_regular = true};
}

std::size_t text_file::read_at(std::uint64_t offset, std::span<char> buffer) const {
  if (offset >= bytes_.size()) return 0;
  const auto from = static_cast<std::size_t>(offset);
  const std::size_t size = std::min(buffer.size(), bytes_.size() - from);
  std::copy_n(bytes_.data() + from, size, buffer.data());
  return size;
}

void text_file::refuse() const {
  throw error(std::make_error_code(std::errc::read_only_file_system), name_ + ": can only be read");
}

std::size_t text_file::write_at(std::uint64_t /*offset*/, std::span<const char> /*bytes*/) {
  refuse();
}

void text_file::truncate(std::uint64_t /*size*/) {
  refuse();
}

void text_file::sync() {
  refuse();
}

void text_file::set_modified(time_point /*time*/) {
  refuse();
}

void text_file::set_access(unsigned /*mode*/, unsigned /*owner*/, unsigned /*group*/) {
  refuse();
}

void text_file::renamed_to(const std::string& path) {
  name_ = path;
}

bool text_file::try_lock() {
  refuse();
}

std::optional<long> text_file::lock_holder() const {
  return std::nullopt;
}

}  // namespace buntdb::io
