#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/file_system.hpp"

/// A new file that only its owner can read. It gets its name, and replaces a file of that name,
/// when it is complete and on disk. Until then its name is PATH.export-XXXXXXXX. Functions throw
/// buntdb::error.
class private_file {
 public:
  /// Throws usage_error, too, if the name belongs to something other than a plain file.
  explicit private_file(const std::string& path);
  /// Removes the file, unless finish() has returned.
  ~private_file();
  private_file(const private_file&) = delete;
  private_file& operator=(const private_file&) = delete;

  void write(std::string_view bytes);
  void finish();

 private:
  void write_out();

  buntdb::io::file_system& files_ = buntdb::io::file_system::native();
  const std::string path_;
  const std::string unfinished_;
  std::unique_ptr<buntdb::io::file> file_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  bool is_finished_ = false;
};
