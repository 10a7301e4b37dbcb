#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include <buntdb/error.hpp>

#include "io/file_system.hpp"

namespace buntdb::attacks {

/// Bytes as a read-only file, without the locks and records of the simulated disk. The bytes must
/// outlive it.
class string_file final : public io::file {
 public:
  explicit string_file(const std::string& bytes) : bytes_(bytes) {}

  const std::string& path() const noexcept override { return path_; }
  io::file_status status() const override { return {.size = bytes_.size(), .is_regular = true}; }
  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
    if (offset >= bytes_.size()) return 0;
    return bytes_.copy(buffer.data(), buffer.size(), offset);
  }
  std::size_t write_at(std::uint64_t, std::span<const char>) override { refuse(); }
  void truncate(std::uint64_t) override { refuse(); }
  void sync() override { refuse(); }
  void set_modified(time_point) override { refuse(); }
  void set_access(unsigned, unsigned, unsigned) override { refuse(); }
  void renamed_to(const std::string&) override {}
  bool try_lock() override { return true; }
  std::optional<long> lock_holder() const override { return std::nullopt; }

 private:
  [[noreturn]] static void refuse() {
    throw error(std::error_code(EROFS, std::generic_category()), "a string is only read");
  }

  const std::string& bytes_;
  std::string path_ = "/data/app.db";
};

}  // namespace buntdb::attacks
