#include "io/memory_file.hpp"

#include <algorithm>
#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::io {

file_status memory_file::status() const {
  return {.size = bytes_.size(), .modified = modified_, .is_regular = true};
}

std::size_t memory_file::read_at(std::uint64_t offset, std::span<char> buffer) const {
  if (offset >= bytes_.size()) return 0;
  const auto from = static_cast<std::size_t>(offset);
  const std::size_t size = std::min(buffer.size(), bytes_.size() - from);
  std::copy_n(bytes_.data() + from, size, buffer.data());
  return size;
}

void memory_file::refuse() const {
  throw error(std::make_error_code(std::errc::read_only_file_system), name_ + ": can only be read");
}

std::size_t memory_file::write_at(std::uint64_t /*offset*/, std::span<const char> /*bytes*/) {
  refuse();
}

void memory_file::truncate(std::uint64_t /*size*/) {
  refuse();
}

void memory_file::sync() {
  refuse();
}

void memory_file::set_modified(time_point /*time*/) {
  refuse();
}

void memory_file::set_access(unsigned /*mode*/, unsigned /*owner*/, unsigned /*group*/) {
  refuse();
}

void memory_file::renamed_to(const std::string& path) {
  name_ = path;
}

bool memory_file::try_lock() {
  refuse();
}

std::optional<long> memory_file::lock_holder() const {
  return std::nullopt;
}

}  // namespace buntdb::io
