#pragma once

#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::engine {

/// Makes the name of a file that was just renamed durable. Throws errc::name_not_durable.
void sync_name(io::file_system& files, const std::string& path);

/// A new file that is to replace an existing one. It is called FILE.compact-XXXXXX, is locked, and
/// has the other file's mode and owner. It is removed unless install() succeeds.
class replacement_file {
 public:
  /// Throws buntdb::error.
  replacement_file(io::file_system& files, const io::file& original);
  replacement_file(const replacement_file&) = delete;
  replacement_file& operator=(const replacement_file&) = delete;
  ~replacement_file();

  io::file& get() noexcept { return *file_; }
  const io::file& get() const noexcept { return *file_; }

  /// Renames the (synced) file over the existing one, unless that name now refers to another file.
  /// The caller syncs the folder. Returns the file. If it throws, nothing has changed.
  std::unique_ptr<io::file> install();

 private:
  io::file_system& files_;
  io::file_status replaced_;
  std::string target_;
  std::unique_ptr<io::file> file_;
};

/// A new file that is to get a name, whatever file has that name now. It is called NAME.save-XXXXXX
/// until install(), can be accessed by its owner only, and is locked. It is removed unless
/// install() succeeds.
class dump_file {
 public:
  /// Throws buntdb::error: errc::locked if a file of this name is a database in use.
  dump_file(io::file_system& files, const std::string& path);
  dump_file(const dump_file&) = delete;
  dump_file& operator=(const dump_file&) = delete;
  ~dump_file();

  io::file& get() noexcept { return *file_; }

  /// Gives the (synced) file its name. The name is on disk when this returns.
  void install();

 private:
  io::file_system& files_;
  std::string target_;
  std::unique_ptr<io::file> file_;
};

}  // namespace buntdb::engine
