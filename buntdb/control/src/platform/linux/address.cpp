#include "socket/address.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>

namespace buntdb::control {

const short hang_up = POLLRDHUP;

std::string socket_address::shorter(const std::filesystem::path& path) {
  std::string rest;
  reached_ = descriptor(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!reached_) {  // it does not exist yet
    const std::filesystem::path folder = path.parent_path().empty() ? "." : path.parent_path();
    reached_ = descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    rest = "/" + path.filename().string();
  }
  if (!reached_) {
    throw std::system_error(errno, std::generic_category(), "cannot open " + path.string());
  }
  return "/proc/self/fd/" + std::to_string(reached_.get()) + rest;
}

peer peer_of(int socket) {
  ucred found{};
  socklen_t size = sizeof found;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot tell who is at the socket");
  }
  return {found.uid, found.pid};
}

}  // namespace buntdb::control
