#include "counting_proxy.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

namespace {

sockaddr_in on_loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// False at the connection's end.
bool forward(int from, int to) {
  std::array<char, 16384> bytes{};
  const ssize_t got = ::recv(from, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t more =
        ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += more;
  }
  return true;
}

constexpr int look_again_after_ms = 20;

bool readable(int socket) {
  pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, look_again_after_ms) > 0;
}

}  // namespace

counting_proxy::counting_proxy(int server_port)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = on_loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ == -1 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 1) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy gets no port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, server_port] { run(server_port); });
}

counting_proxy::~counting_proxy() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void counting_proxy::run(int server_port) {
  while (!ending_) {
    if (!readable(listener_)) continue;
    const int client = ::accept(listener_, nullptr, nullptr);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = on_loopback(server_port);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      pass_on(client, server);
    }
    ::close(server);
    ::close(client);
  }
}

void counting_proxy::pass_on(int client, int server) {
  std::array<pollfd, 2> ends{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                             pollfd{.fd = server, .events = POLLIN, .revents = 0}};
  bool server_spoke_last = true;
  while (!ending_) {
    if (::poll(ends.data(), ends.size(), look_again_after_ms) <= 0) continue;
    if (ends[0].revents != 0) {
      if (server_spoke_last) ++round_trips_;
      server_spoke_last = false;
      if (!forward(client, server)) return;
    } else if (ends[1].revents != 0) {
      server_spoke_last = true;
      if (!forward(server, client)) return;
    }
  }
}

}  // namespace test
