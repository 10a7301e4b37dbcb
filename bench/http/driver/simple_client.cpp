#include "http/driver/simple_client.hpp"

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace bench::http {

namespace {

/// Returns a socket, or -1 if nothing listens.
int connect_to(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return made;
  }
  ::close(made);
  return -1;
}

}  // namespace

bool is_listening(int port) {
  const int made = connect_to(port);
  if (made >= 0) ::close(made);
  return made >= 0;
}

void simple_client::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

response simple_client::get(const std::string& path, const std::string& cookie) {
  if (socket_ < 0) {
    socket_ = connect_to(port_);
    if (socket_ < 0) throw std::runtime_error("the server does not listen any more");
    const timeval longest{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  }
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n" +
                              (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") + "\r\n";
  static_cast<void>(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL));
  response_reader reader;
  for (;;) {
    char bytes[4096];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    const auto whole =
        count > 0 ? reader.add({bytes, static_cast<std::size_t>(count)}) : reader.close();
    if (whole) {
      if (!whole->keep_alive) close();
      return *whole;
    }
    if (count <= 0) throw std::runtime_error("the server did not answer a request for " + path);
  }
}

}  // namespace bench::http
