#pragma once

#include <filesystem>
#include <string>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

namespace buntdb::control {

/// A file descriptor that its destructor closes.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  int release() noexcept;

 private:
  int number_ = -1;
};

/// The address of a Unix socket with a path of any length. A path that is too long is reached
/// through a descriptor as long as this object lives. A socket that does not exist yet needs a
/// short name in its folder.
class socket_address {
 public:
  /// Throws std::system_error, such as std::errc::filename_too_long.
  explicit socket_address(const std::filesystem::path& path);

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const noexcept { return sizeof address_; }

 private:
  /// Returns another name of a path that is too long, which exists as long as reached_.
  std::string shorter(const std::filesystem::path& path);

  descriptor reached_;  // the socket itself, or its folder
  sockaddr_un address_{};
};

/// Returns FILE.sock next to the file to which the path leads. Throws
/// std::filesystem::filesystem_error.
std::filesystem::path socket_path(const std::filesystem::path& file);

/// The event of poll() that tells that the other end sends no more.
extern const short hang_up;

/// The process at the other end of a connected Unix socket. Throws std::system_error.
struct peer {
  uid_t user;
  pid_t process;
};
peer peer_of(int socket);

}  // namespace buntdb::control
