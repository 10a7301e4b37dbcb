#include "socket/address.hpp"

#include <cstring>
#include <system_error>
#include <utility>

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
  if (text.size() >= sizeof address_.sun_path) text = shorter(path);
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

}  // namespace buntdb::control
