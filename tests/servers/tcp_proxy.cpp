#include "tcp_proxy.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Returns false at the connection's end.
bool copy_some(int from, int to) {
  std::array<char, 16384> bytes{};
  const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t more =
        ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += more;
  }
  return true;
}

bool is_readable(int socket) {
  pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, 0) > 0;
}

bool has_ended(int socket) {
  char byte = 0;
  return is_readable(socket) && ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

}  // namespace

tcp_proxy::tcp_proxy(int server_port)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ == -1 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy gets no port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, server_port] { run(server_port); });
}

tcp_proxy::~tcp_proxy() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
  for (const pair& each : pairs_) {
    ::close(each.client);
    ::close(each.server);
  }
}

void tcp_proxy::silence_present_ones() {
  const std::lock_guard lock{mutex_};
  for (pair& each : pairs_)
    each.silent = true;
}

void tcp_proxy::silence_all() {
  silence_present_ones();
  const std::lock_guard lock{mutex_};
  all_silent_ = true;
}

int tcp_proxy::open_connections() {
  const std::lock_guard lock{mutex_};
  int count = 0;
  for (const pair& each : pairs_)
    count += has_ended(each.client) ? 0 : 1;
  return count;
}

void tcp_proxy::accept_one(int server_port) {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_port);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  const std::lock_guard lock{mutex_};
  pairs_.push_back({.client = client, .server = server, .silent = all_silent_});
  ++accepted_;
}

bool tcp_proxy::pass_on(pair& each) {
  if (each.silent) return true;
  if (is_readable(each.client)) {
    if (std::exchange(each.server_sent_last, false)) ++round_trips_;
    if (!copy_some(each.client, each.server)) return false;
  }
  if (!is_readable(each.server)) return true;
  each.server_sent_last = true;
  return copy_some(each.server, each.client);
}

void tcp_proxy::run(int server_port) {
  while (!ending_) {
    std::vector<pollfd> wanted{{.fd = listener_, .events = POLLIN, .revents = 0}};
    {
      const std::lock_guard lock{mutex_};
      for (const pair& each : pairs_) {
        if (each.silent) continue;
        wanted.push_back({.fd = each.client, .events = POLLIN, .revents = 0});
        wanted.push_back({.fd = each.server, .events = POLLIN, .revents = 0});
      }
    }
    constexpr int look_again_after_ms = 10;
    ::poll(wanted.data(), wanted.size(), look_again_after_ms);
    if (wanted.front().revents != 0) accept_one(server_port);
    const std::lock_guard lock{mutex_};
    std::erase_if(pairs_, [this](pair& each) {
      if (pass_on(each)) return false;
      ::close(each.client);
      ::close(each.server);
      return true;
    });
  }
}

}  // namespace test
