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

/// What the operating system says of a file.
struct file_status {
  std::uint64_t size = 0;
  time_point modified{};
  std::uint64_t device = 0;  ///< device and inode name the file, whatever its path
  std::uint64_t inode = 0;
  unsigned mode = 0;  ///< permission bits only
  unsigned owner = 0;
  unsigned group = 0;
  bool is_regular = false;
};

/// An open file: all that the database asks of one. The only road to the disk, so that tests can
/// fail the Nth call and cut the power.
///
/// Every function throws buntdb::error with the operating system's code and the path in the text.
/// Functions with different arguments may be called from several threads at once (as pread, pwrite
/// and fdatasync may).
class file {
 public:
  virtual ~file() = default;

  virtual const std::string& path() const noexcept = 0;
  virtual file_status status() const = 0;

  /// Reads into buffer from offset; returns the number of bytes read, less than asked for only at
  /// the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const = 0;

  /// Writes at offset. One call of the operating system's: returns the number of bytes it took,
  /// which may be fewer than asked for. The caller decides what a short write means.
  virtual std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) = 0;

  virtual void truncate(std::uint64_t size) = 0;

  /// fdatasync: when it returns, the bytes and the size are on disk.
  virtual void sync() = 0;

  /// What the system says when a file is closed: some file systems (NFS, FUSE) tell of bytes that
  /// could not be written only then, and a destructor cannot throw. For files that are finished and
  /// synced; the file stays open and locked.
  virtual void flush() {}

  virtual void set_modified(time_point time) = 0;

  /// Gives the file these permission bits, owner and group. Where the system does not let this
  /// process give a file away, the owner stays; a group that cannot be kept is an error.
  virtual void set_access(unsigned mode, unsigned owner, unsigned group) = 0;

  /// After a rename: what path() says from now on. Not thread-safe.
  virtual void renamed_to(const std::string& path) = 0;

  /// Takes the exclusive lock of the file (flock) without waiting; false if another holder has it.
  /// Released when the file is closed.
  virtual bool try_lock() = 0;

  /// The process that holds the lock, as far as the system tells; for error messages only.
  virtual std::optional<long> lock_holder() const = 0;
};

/// How open() opens.
enum class open_mode {
  read_only,       ///< must exist
  read_write,      ///< created (0600) if absent
  create_private,  ///< must not exist; created 0600, never through a symbolic link
};

/// Names in folders. Thread-safe. Every function throws buntdb::error like file's.
class file_system {
 public:
  virtual ~file_system() = default;

  virtual std::unique_ptr<file> open(const std::string& path, open_mode mode) = 0;
  /// Another name of the same file, for one that is replaced by renaming: where the symbolic links
  /// at the end of path lead, whether or not there is a file.
  virtual std::string resolved(const std::string& path) { return path; }
  /// Empty if nothing has that name.
  virtual std::optional<file_status> status(const std::string& path) = 0;
  virtual void rename(const std::string& from, const std::string& to) = 0;
  virtual void remove(const std::string& path) = 0;
  /// The names (without the folder) in the folder of path that begin with path's own last part;
  /// none if the folder may not be listed.
  virtual std::vector<std::string> names_beginning_with(const std::string& path) = 0;
  /// fsync of the folder that holds path: renames and creations in it are on disk afterwards.
  virtual void sync_folder_of(const std::string& path) = 0;

  /// Throws if a rename could not put another file in the place of this one, as far as can be told
  /// beforehand: the file is a mount point, or its folder takes no new names. The text says what to
  /// do about it.
  virtual void check_replaceable(const std::string& path) { static_cast<void>(path); }

  /// The operating system's. Lives as long as the program.
  static file_system& posix(lock_policy locking = lock_policy::required) noexcept;
};

}  // namespace buntdb::io
