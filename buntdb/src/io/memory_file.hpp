#pragma once

#include <string>
#include <utility>

#include "io/file_system.hpp"

namespace buntdb::io {

/// Bytes in memory as a read-only file, for the content of a stream.
class memory_file final : public file {
 public:
  memory_file(std::string name, std::string bytes, time_point modified)
      : name_(std::move(name)), bytes_(std::move(bytes)), modified_(modified) {}

  const std::string& path() const noexcept override { return name_; }
  file_status status() const override;
  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override;

  // All other functions throw buntdb::error.
  std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override;
  void truncate(std::uint64_t size) override;
  void sync() override;
  void set_modified(time_point time) override;
  void set_access(unsigned mode, unsigned owner, unsigned group) override;
  void renamed_to(const std::string& path) override;
  bool try_lock() override;
  std::optional<long> lock_holder() const override;

 private:
  [[noreturn]] void refuse() const;

  std::string name_;
  std::string bytes_;
  time_point modified_;
};

}  // namespace buntdb::io
