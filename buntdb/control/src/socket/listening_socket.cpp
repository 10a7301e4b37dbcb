#include "socket/listening_socket.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/error.hpp>
#include <buntstore/internal/socket.hpp>

namespace buntdb::control {

using buntstore::internal::open_socket;
using buntstore::internal::waiting;

namespace {

constexpr int backlog = 64;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw error(std::error_code(errno, std::generic_category()),
              std::string("the control socket ") + path.string() + ": " + what +
                  " failed: " + std::generic_category().message(errno));
}

}  // namespace

listening_socket::listening_socket(const std::filesystem::path& path) : path_(path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
    throw error(std::make_error_code(std::errc::file_exists),
                "the control socket " + path.string() +
                    ": there is something else under that name; move it away");
  }
  // It listens before it has its name, so that any process that finds the name can connect.
  std::filesystem::path temporary = path;
  temporary.replace_filename(".bunt-" + std::to_string(::getpid()) + ".sock");
  ::unlink(temporary.c_str());
  try {
    bind_and_listen(temporary);
  } catch (const std::system_error& failure) {
    throw error(failure.code(), "the control socket " + path.string() + ": " + failure.what());
  }
  struct stat own {};
  if (::lstat(temporary.c_str(), &own) != 0) fail(path, "lstat");
  device_ = own.st_dev;
  inode_ = own.st_ino;
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int cause = errno;
    ::unlink(temporary.c_str());
    errno = cause;
    fail(path, "rename");
  }
}

void listening_socket::bind_and_listen(const std::filesystem::path& path) {
  const socket_address address(path);
  socket_ = descriptor(open_socket(AF_UNIX, SOCK_STREAM, waiting::fails));
  if (!socket_) fail(path, "socket");
  // On Linux, the name gets the socket's mode, without the bits of the umask. Elsewhere, the server
  // refuses other users by itself.
  if (::fchmod(socket_.get(), S_IRUSR | S_IWUSR) != 0 && errno != EINVAL) fail(path, "fchmod");
  if (::bind(socket_.get(), address.get(), address.size()) != 0) fail(path, "bind");
  if (::listen(socket_.get(), backlog) != 0) {
    const int cause = errno;
    ::unlink(path.c_str());
    errno = cause;
    fail(path, "listen");
  }
}

listening_socket::~listening_socket() {
  struct stat there {};
  if (::lstat(path_.c_str(), &there) != 0) return;
  // Another process may have opened the database meanwhile and listen under this name.
  if (there.st_dev == device_ && there.st_ino == inode_) ::unlink(path_.c_str());
}

descriptor listening_socket::accept() const noexcept {
  return descriptor(buntstore::internal::accept_connection(socket_.get()));
}

}  // namespace buntdb::control
