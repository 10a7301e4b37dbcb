#pragma once

#include <memory>
#include <string>

#include "io/file_system.hpp"

namespace buntdb::engine {

/// Brings the name of a file that was just renamed to the disk. Throws errc::name_not_durable.
void sync_name(io::file_system& files, const std::string& path);

/// A new file that is to take the place of an existing one: FILE.compact-XXXXXX, locked, with the
/// other's mode and owner. It is removed again unless install() succeeds.
class replacement_file {
 public:
  /// Throws buntdb::error.
  replacement_file(io::file_system& files, const io::file& original);
  replacement_file(const replacement_file&) = delete;
  replacement_file& operator=(const replacement_file&) = delete;
  ~replacement_file();

  io::file& get() noexcept { return *file_; }
  const io::file& get() const noexcept { return *file_; }

  /// Renames the (synced) file over the original, unless that name means another file by now. The
  /// caller syncs the folder. Returns the file. If it throws, nothing has happened.
  std::unique_ptr<io::file> install();

 private:
  io::file_system& files_;
  io::file_status replaced_;
  std::string target_;
  std::unique_ptr<io::file> file_;
};

/// A new file that is to have a name of its own, whatever has it now: NAME.save-XXXXXX until
/// install(), private to its owner and locked. It is removed again unless install() succeeds.
class dump_file {
 public:
  /// Throws buntdb::error; errc::locked if the name is that of a database in use.
  dump_file(io::file_system& files, const std::string& path);
  dump_file(const dump_file&) = delete;
  dump_file& operator=(const dump_file&) = delete;
  ~dump_file();

  io::file& get() noexcept { return *file_; }

  /// Gives the (synced) file its name, on disk when it returns.
  void install();

 private:
  io::file_system& files_;
  std::string target_;
  std::unique_ptr<io::file> file_;
};

}  // namespace buntdb::engine
