#include "http/load/connection.hpp"

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench::http {

bool connection::open(int epoll, int port, void* data) {
  close();
  reader_ = {};
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  epoll_ = epoll;
  data_ = data;
  connecting_ = true;
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return false;
  }
  epoll_event wanted{.events = EPOLLOUT, .data = {.ptr = data_}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &wanted) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  return true;
}

void connection::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

connection::event connection::finish_connecting() {
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) return event::failed;
  connecting_ = false;
  epoll_event wanted{.events = EPOLLIN, .data = {.ptr = data_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &wanted);
  return event::connected;
}

connection::event connection::advance() {
  if (socket_ < 0) return event::none;  // closed since epoll reported it
  if (connecting_) return finish_connecting();
  char bytes[4096];
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return event::none;
  try {
    std::optional<response> whole;
    if (count > 0) whole = reader_.add({bytes, static_cast<std::size_t>(count)});
    if (count == 0) whole = reader_.close();
    if (whole) {
      answer_ = *std::move(whole);
      return event::answered;
    }
  } catch (const std::runtime_error&) {
    return event::failed;
  }
  return count > 0 ? event::none : event::closed;
}

bool connection::send(std::string_view request) const {
  // A request is far smaller than what a socket accepts at once.
  return ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(request.size());
}

}  // namespace bench::http
