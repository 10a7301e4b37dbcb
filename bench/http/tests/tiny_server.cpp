#include "http/tests/tiny_server.hpp"

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench::http {

tiny_server::tiny_server(rule answering)
    : rule_(std::move(answering)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening_, any, size) != 0 || ::listen(listening_, SOMAXCONN) != 0 ||
      ::getsockname(listening_, any, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "tiny_server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

tiny_server::~tiny_server() {
  stopping_ = true;
  thread_.join();
  ::close(listening_);
}

void tiny_server::run() {
  constexpr int look_ms = 10;
  std::vector<pollfd> sockets{{.fd = listening_, .events = POLLIN, .revents = 0}};
  while (!stopping_) {
    if (::poll(sockets.data(), sockets.size(), look_ms) <= 0) continue;
    for (std::size_t i = 1; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      char bytes[4096];
      // Requests are small: each arrives as a whole.
      const ssize_t count = ::recv(sockets[i].fd, bytes, sizeof bytes, 0);
      const reaction now = count > 0 ? rule_(i - 1) : reaction{.close = true};
      if (!now.answer.empty()) {
        static_cast<void>(
            ::send(sockets[i].fd, now.answer.data(), now.answer.size(), MSG_NOSIGNAL));
      }
      if (now.close) {
        ::close(sockets[i].fd);
        sockets[i].fd = -1;  // poll() skips it, and the others keep their numbers
      }
    }
    if (sockets[0].revents != 0) {
      const int accepted = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted >= 0) sockets.push_back({.fd = accepted, .events = POLLIN, .revents = 0});
    }
  }
  for (std::size_t i = 1; i < sockets.size(); ++i)
    if (sockets[i].fd >= 0) ::close(sockets[i].fd);
}

}  // namespace bench::http
