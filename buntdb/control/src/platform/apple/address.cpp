#include "socket/address.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace buntdb::control {

const short hang_up = POLLHUP;

/// There is no shorter name.
std::string socket_address::shorter(const std::filesystem::path& path) {
  return path.string();
}

peer peer_of(int socket) {
  uid_t user = 0;
  gid_t group = 0;
  pid_t process = 0;
  socklen_t size = sizeof process;
  if (::getpeereid(socket, &user, &group) != 0 ||
      ::getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &process, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot tell who is at the socket");
  }
  return {user, process};
}

}  // namespace buntdb::control
