#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <new>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/error.hpp>

#include "io/file_system.hpp"
#include "io/replaceable.hpp"
#include "platform/disk.hpp"
#include "platform/machine_lock.hpp"

namespace buntdb::io {
namespace {

/// Data may be confidential: only the owner may read it.
constexpr mode_t private_mode = S_IRUSR | S_IWUSR;

[[noreturn]] void fail(const std::string& what, int code = errno) {
  throw error(std::error_code(code, std::generic_category()), what);
}

/// Repeats the call as long as signals interrupt it. Otherwise returns -1 and leaves errno as the
/// call did.
template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR)
    result = call();
  return result;
}

/// Returns whether this error of flock() means that the file system has no locks.
bool says_no_locks(int code) noexcept {
  return code == ENOLCK || code == ENOSYS || code == EOPNOTSUPP;
}

/// A file descriptor that is closed by its destructor.
class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_(number) {}
  ~descriptor() {
    // Errors of close() are ignored here: everything written was synced, and flush() has asked for
    // errors. It is not retried either: Linux has released the number even if it reports EINTR.
    if (number_ >= 0) ::close(number_);
  }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  descriptor& operator=(descriptor&&) = delete;

  int get() const noexcept { return number_; }

 private:
  int number_;
};

/// If a program's standard streams are closed, open() returns their numbers, and what a library
/// prints would be written to the file. So such a file gets a higher number. Returns -1 and sets
/// errno on failure.
descriptor above_standard_streams(descriptor opened) {
  if (opened.get() == -1 || opened.get() > STDERR_FILENO) return opened;
  return descriptor(
      retry([&] { return ::fcntl(opened.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1); }));
}

/// Returns the greatest size that a file of this process may have, in bytes.
rlim_t file_size_limit() noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

/// A time outside the range of 64-bit nanoseconds (before 1678 or after 2262) becomes the nearest
/// time in the range.
time_point to_time_point(const timespec& time) noexcept {
  using std::chrono::nanoseconds;
  std::int64_t count = 0;
  if (__builtin_mul_overflow(std::int64_t{time.tv_sec}, std::int64_t{1'000'000'000}, &count) ||
      __builtin_add_overflow(count, std::int64_t{time.tv_nsec}, &count)) {
    return time.tv_sec < 0 ? time_point::min() : time_point::max();
  }
  return time_point(nanoseconds(count));
}

timespec to_timespec(time_point time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = static_cast<time_t>(seconds.time_since_epoch().count()),
          .tv_nsec = static_cast<long>((time - seconds).count())};
}

file_status to_status(const struct stat& from) noexcept {
  return {.size = static_cast<std::uint64_t>(from.st_size),
          .modified = to_time_point(platform::modification_time(from)),
          .device = static_cast<std::uint64_t>(from.st_dev),
          .inode = from.st_ino,
          .mode = from.st_mode & 07777U,
          .owner = from.st_uid,
          .group = from.st_gid,
          .is_regular = S_ISREG(from.st_mode)};
}

class posix_file final : public file {
 public:
  posix_file(std::string path, descriptor number, lock_policy locking)
      : path_(std::move(path)), fd_(std::move(number)), locking_(locking) {}

  posix_file(const posix_file&) = delete;
  posix_file& operator=(const posix_file&) = delete;

  /// Releases the lock explicitly: closing the descriptor would leave the lock with child
  /// processes, which have the descriptor, too. (A child process does not destroy its copy of this
  /// object: see database.)
  ~posix_file() override {
    if (locked_) ::flock(fd_.get(), LOCK_UN);
  }

  const std::string& path() const noexcept override { return path_; }

  file_status status() const override {
    struct stat result {};
    if (::fstat(fd_.get(), &result) == -1) fail("cannot ask for the size of " + path_ + " (fstat)");
    return to_status(result);
  }

  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t got = retry([&] {
        return ::pread(fd_.get(), buffer.data() + done, buffer.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got == -1) {
        fail("cannot read " + path_ + " (pread of " + std::to_string(buffer.size() - done) +
             " bytes at offset " + std::to_string(offset + done) + ")");
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
    if (offset >= size_limit_) {
      // The system would report this with a signal that ends the process (SIGXFSZ).
      fail("cannot write to " + path_ + " beyond the limit of a file's size, " +
               std::to_string(size_limit_) + " bytes (ulimit -f)",
           EFBIG);
    }
    const ssize_t written = retry([&] {
      return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (written == -1) {
      fail("cannot write to " + path_ + " (pwrite of " + std::to_string(bytes.size()) +
           " bytes at offset " + std::to_string(offset) + ")");
    }
    return static_cast<std::size_t>(written);
  }

  void truncate(std::uint64_t size) override {
    if (retry([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) == -1) {
      fail("cannot cut " + path_ + " to " + std::to_string(size) + " bytes (ftruncate)");
    }
  }

  void sync() override {
    if (retry([&] { return platform::sync_file(fd_.get()); }) == -1) {
      fail("cannot bring " + path_ + " to the disk (" + platform::name_of_sync_file + ")");
    }
  }

  void flush() override {
    // The file system handles the closing of each descriptor as a close; the lock stays with the
    // last one.
    const int copy = ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0);
    if (copy == -1) fail("cannot finish writing " + path_ + " (fcntl)");
    // Linux has released the number even if it reports EINTR.
    if (::close(copy) == -1 && errno != EINTR) fail("cannot finish writing " + path_ + " (close)");
  }

  void set_modified(time_point time) override {
    const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, to_timespec(time)};
    if (::futimens(fd_.get(), times) == -1) {
      fail("cannot set the time of modification of " + path_ + " (futimens)");
    }
  }

  void set_access(unsigned mode, unsigned owner, unsigned group) override {
    const file_status mine = status();
    if ((mine.owner != owner || mine.group != group) && ::fchown(fd_.get(), owner, group) == -1 &&
        !keeps_group(group)) {
      fail("cannot set the owner and group of " + path_ + " (fchown)");
    }
    if (mine.mode != mode && ::fchmod(fd_.get(), mode) == -1) {
      fail("cannot set the permissions of " + path_ + " (fchmod)");
    }
  }

  void renamed_to(const std::string& path) override { path_ = path; }

  bool try_lock() override {
    if (retry([&] { return ::flock(fd_.get(), LOCK_EX | LOCK_NB); }) == 0) {
      locked_ = true;
      return true;
    }
    if (errno == EWOULDBLOCK) return false;
    if (!says_no_locks(errno)) fail("cannot lock " + path_ + " (flock)");
    if (locking_ == lock_policy::required) {
      fail("cannot lock " + path_ +
           ": its file system has no locks (flock). If no other machine or container can reach the "
           "file, the option lock_policy::this_machine_only opens it");
    }
    const file_status mine = status();
    return machine_lock_.try_acquire(mine.device, mine.inode);
  }

  std::optional<long> lock_holder() const override {
    const file_status mine = status();
    return platform::lock_holder(mine.device, mine.inode);
  }

 private:
  /// Only root may change the owner. If the group can be kept, only the new owner gets more access
  /// to the file than before, and that user could already replace it.
  bool keeps_group(unsigned group) noexcept {
    return errno == EPERM && ::fchown(fd_.get(), static_cast<uid_t>(-1), group) == 0;
  }

  std::string path_;
  descriptor fd_;
  const lock_policy locking_;
  bool locked_ = false;
  platform::machine_lock machine_lock_;
  const rlim_t size_limit_ = file_size_limit();
};

/// Returns the folder that contains the path, and the path's last part.
std::pair<std::string, std::string> split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

class posix_file_system final : public file_system {
 public:
  explicit posix_file_system(lock_policy locking) noexcept : locking_(locking) {}

  std::unique_ptr<file> open(const std::string& path, open_mode mode) override {
    // O_NONBLOCK has no effect on regular files. It lets a FIFO be opened without waiting for its
    // other end.
    constexpr int always = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int flags = always;
    std::string what = "cannot open " + path;
    switch (mode) {
      case open_mode::read_only:
        flags |= O_RDONLY;
        what += " for reading";
        break;
      case open_mode::read_write:
        flags |= O_RDWR | O_CREAT;
        what += " for reading and writing";
        break;
      case open_mode::create_private:
        flags |= O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
        what = "cannot create " + path;
        break;
    }
    descriptor number = above_standard_streams(
        descriptor(retry([&] { return ::open(path.c_str(), flags, private_mode); })));
    if (number.get() == -1) {
      fail(what + (errno == EISDIR ? ", which is a folder (open)" : " (open)"));
    }
    struct stat opened {};
    if (::fstat(number.get(), &opened) == -1) fail(what + " (fstat)");
    if (S_ISDIR(opened.st_mode)) fail(what + ", which is a folder (open)", EISDIR);
    return std::make_unique<posix_file>(path, std::move(number), locking_);
  }

  std::string resolved(const std::string& path) override {
    std::string at = path;
    for (int links = 0; links < 40; ++links) {  // opening a path with more links fails with ELOOP
      std::error_code no_link;
      const std::filesystem::path target = std::filesystem::read_symlink(at, no_link);
      if (no_link) break;
      at = (std::filesystem::path(at).parent_path() / target).string();
    }
    return at;
  }

  std::optional<file_status> status(const std::string& path) override {
    struct stat result {};
    if (::stat(path.c_str(), &result) == 0) return to_status(result);
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail("cannot look at " + path + " (stat)");
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == -1) {
      fail("cannot rename " + from + " to " + to + " (rename)");
    }
  }

  void remove(const std::string& path) override {
    if (::unlink(path.c_str()) == -1) fail("cannot remove " + path + " (unlink)");
  }

  std::vector<std::string> names_beginning_with(const std::string& path) override {
    const auto [folder, beginning] = split(path);
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), &::closedir);
    if (listing == nullptr) {
      if (errno == EACCES) return {};  // a folder that may be entered but not listed
      fail("cannot list the folder " + folder + " (opendir)");
    }
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* const entry = ::readdir(listing.get());
      if (entry == nullptr) break;
      std::string name = entry->d_name;
      if (name != "." && name != ".." && name.starts_with(beginning)) {
        names.push_back(std::move(name));
      }
    }
    if (errno != 0) fail("cannot list the folder " + folder + " (readdir)");
    std::sort(names.begin(), names.end());
    return names;
  }

  void check_replaceable(const std::string& path) override {
    io::check_replaceable(path, split(path).first);
  }

  void sync_folder_of(const std::string& path) override {
    const std::string folder = split(path).first;
    const std::string what = "cannot bring the names in the folder " + folder + " to the disk";
    const descriptor number(
        retry([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (number.get() == -1) {
      // A folder that may be entered but not listed.
      if (errno == EACCES) return sync_file_system_of(path, what);
      fail(what + " (open)");
    }
    // Some file systems (CIFS, a few FUSE ones) cannot sync folders.
    if (retry([&] { return platform::sync_folder(number.get()); }) == -1 && errno != EINVAL &&
        errno != ENOSYS) {
      fail(what + " (fsync)");
    }
  }

 private:
  /// Syncs the whole file system, including names.
  static void sync_file_system_of(const std::string& path, const std::string& what) {
    const descriptor number(
        retry([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }));
    if (number.get() == -1) fail(what + " (open)");
    if (retry([&] { return platform::sync_file_system(number.get()); }) == -1) {
      fail(what + " (syncfs)");
    }
  }

  const lock_policy locking_;
};

}  // namespace

file_system& file_system::native(lock_policy locking) noexcept {
  // Never destroyed: threads of a database in a global object use it until the program ends.
  alignas(posix_file_system) static std::byte room[2][sizeof(posix_file_system)];
  static posix_file_system& required = *::new (room[0]) posix_file_system(lock_policy::required);
  static posix_file_system& of_machine =
      *::new (room[1]) posix_file_system(lock_policy::this_machine_only);
  return locking == lock_policy::required ? required : of_machine;
}

}  // namespace buntdb::io
