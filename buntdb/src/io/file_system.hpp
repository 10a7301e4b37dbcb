#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/options.hpp>

namespace buntdb::io {

/// What the operating system reports about a file.
struct file_status {
  std::uint64_t size = 0;
  time_point modified{};
  std::uint64_t device = 0;  ///< device and inode identify the file, whatever its path
  std::uint64_t inode = 0;
  unsigned mode = 0;  ///< permission bits only
  unsigned owner = 0;
  unsigned group = 0;
  bool is_regular = false;
};

/// An open file: everything that the database needs from one. All access to the disk goes through
/// this interface, so that tests can make the Nth call fail and simulate power cuts.
///
/// Every function throws buntdb::error with the operating system's code and the path in the text.
/// Functions with different arguments may be called concurrently by several threads, as pread,
/// pwrite and fdatasync may.
class file {
 public:
  virtual ~file() = default;

  virtual const std::string& path() const noexcept = 0;
  virtual file_status status() const = 0;

  /// Returns whether the file was removed although its name still exists. Some systems keep the
  /// name until the last program closes the file; Linux and macOS do not.
  virtual bool removed() const { return false; }

  /// Reads from `offset` into the buffer. Returns the number of bytes read, which is less than
  /// requested only at the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const = 0;

  /// Writes at `offset` with one call of the operating system. Returns the number of bytes written,
  /// which may be fewer than requested. The caller decides what a short write means.
  virtual std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) = 0;

  virtual void truncate(std::uint64_t size) = 0;

  /// fdatasync: when it returns, the bytes and the size are on disk.
  virtual void sync() = 0;

  /// Reports the errors that the system reports when a file is closed: some file systems (NFS,
  /// FUSE) report only then that bytes could not be written, and a destructor cannot throw. For
  /// files that are complete and synced. The file stays open and locked.
  virtual void flush() {}

  virtual void set_modified(time_point time) = 0;

  /// Gives the file these permission bits, owner and group. If the system does not let this process
  /// change the owner, the owner stays; a group that cannot be set is an error.
  virtual void set_access(unsigned mode, unsigned owner, unsigned group) = 0;

  /// Sets what path() returns after a rename. Not thread-safe.
  virtual void renamed_to(const std::string& path) = 0;

  /// Acquires the exclusive lock of the file (flock) without waiting. Returns false if another
  /// holder has it. The lock is released when the file is closed.
  virtual bool try_lock() = 0;

  /// Returns the process that holds the lock, as far as the system tells. For error messages only.
  virtual std::optional<long> lock_holder() const = 0;
};

/// How open() opens a file.
enum class open_mode {
  read_only,       ///< must exist
  read_write,      ///< created (0600) if absent
  create_private,  ///< must not exist; created 0600, never through a symbolic link
};

/// Names in folders. Thread-safe. Every function throws buntdb::error like those of file.
class file_system {
 public:
  virtual ~file_system() = default;

  virtual std::unique_ptr<file> open(const std::string& path, open_mode mode) = 0;
  /// Resolves the symbolic links at the end of the path, whether or not there is a file. Use the
  /// result for a file that is replaced by renaming.
  virtual std::string resolved(const std::string& path) { return path; }
  /// Returns nothing if there is no file of that name.
  virtual std::optional<file_status> status(const std::string& path) = 0;
  virtual void rename(const std::string& from, const std::string& to) = 0;
  virtual void remove(const std::string& path) = 0;
  /// Returns the names (without the folder) in the folder of `path` that begin with the last part
  /// of `path`. Returns none if the folder cannot be listed.
  virtual std::vector<std::string> names_beginning_with(const std::string& path) = 0;
  /// fsync of the folder that contains `path`: renames and creations in it are on disk afterward.
  virtual void sync_folder_of(const std::string& path) = 0;

  /// Throws if a rename could not replace this file, as far as can be determined beforehand: the
  /// file is a mount point, or no names can be created in its folder. The text says what to do
  /// about it.
  virtual void check_replaceable(const std::string& path) { static_cast<void>(path); }

  /// Returns the operating system's file system. It lives as long as the program.
  static file_system& native(lock_policy locking = lock_policy::required) noexcept;
};

}  // namespace buntdb::io
