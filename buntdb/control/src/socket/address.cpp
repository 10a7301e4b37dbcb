#include "socket/address.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace buntdb::control {

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = other.release();
  }
  return *this;
}

descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

int descriptor::release() noexcept {
  return std::exchange(number_, -1);
}

socket_address::socket_address(const std::filesystem::path& path) {
  address_.sun_family = AF_UNIX;
  std::string text = path.string();
  if (text.size() >= sizeof address_.sun_path) {
    reached_ = descriptor(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    text.clear();
    if (!reached_) {  // it does not exist yet
      const std::filesystem::path folder = path.parent_path().empty() ? "." : path.parent_path();
      reached_ = descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      text = "/" + path.filename().string();
    }
    if (!reached_) {
      throw std::system_error(errno, std::generic_category(), "cannot open " + path.string());
    }
    text.insert(0, "/proc/self/fd/" + std::to_string(reached_.get()));
  }
  if (text.size() >= sizeof address_.sun_path) {
    throw std::system_error(std::make_error_code(std::errc::filename_too_long),
                            "the name of the socket " + path.string());
  }
  std::memcpy(address_.sun_path, text.data(), text.size());
}

std::filesystem::path socket_path(const std::filesystem::path& file) {
  std::filesystem::path path = std::filesystem::weakly_canonical(file);
  path += ".sock";
  return path;
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
