#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/version.hpp"
#include "io/file_system.hpp"

namespace buntdb::engine {

/// Writes a whole version into an empty file, in key order, in marked batches of about one MiB.
class image_writer {
 public:
  explicit image_writer(io::file& file) noexcept : file_(file) {}

  /// Throws buntdb::error.
  void write(const version& version);

  /// Appends a seal that vouches for everything written, which the caller has synced.
  void seal();

  std::uint64_t end() const noexcept { return end_; }
  std::uint64_t next_number() const noexcept { return next_number_; }

 private:
  void flush();

  io::file& file_;
  std::string batch_;
  std::uint64_t end_ = 0;
  std::uint64_t next_number_ = 1;
};

/// A new file that is to take the place of an existing one: FILE.compact-XXXXXX, locked, with the
/// other's mode. It is removed again unless install() succeeds.
class replacement_file {
 public:
  /// Throws buntdb::error.
  replacement_file(io::file_system& files, const io::file& original);
  replacement_file(const replacement_file&) = delete;
  replacement_file& operator=(const replacement_file&) = delete;
  ~replacement_file();

  io::file& get() noexcept { return *file_; }

  /// Renames the (synced) file over the original; the caller syncs the folder. Gives the file. If
  /// it throws, the original still stands.
  std::unique_ptr<io::file> install();

 private:
  io::file_system& files_;
  std::string target_;
  std::string name_;
  std::unique_ptr<io::file> file_;
};

}  // namespace buntdb::engine
