#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace scs::http::detail {

/// The connections of a listening socket that this process has open. cpp-httplib does not expose
/// them, so they are found in /proc/self/fd (Linux). Any thread may call any function.
class open_connections {
 public:
  /// Takes a socket that listens now, and remembers its address.
  explicit open_connections(int listening) noexcept {
    socklen_t size = sizeof address_;
    known_ = ::getsockname(listening, reinterpret_cast<sockaddr*>(&address_), &size) == 0;
  }

  /// Ends the connections on which no byte has arrived: browsers open some in advance.
  void end_unused() const noexcept {
    for_each([](int socket) {
      if (is_unused(socket)) ::shutdown(socket, SHUT_RDWR);
    });
  }

  /// Ends all connections: reading finds the end, and writing fails.
  void end() const noexcept {
    for_each([](int socket) { ::shutdown(socket, SHUT_RDWR); });
  }

  bool any() const noexcept {
    bool found = false;
    for_each([&](int) { found = true; });
    return found;
  }

  /// Whether a connection has unread bytes: a request that waits for a thread.
  bool any_unread() const noexcept {
    bool found = false;
    for_each([&](int socket) {
      int waiting = 0;
      if (::ioctl(socket, FIONREAD, &waiting) == 0 && waiting > 0) found = true;
    });
    return found;
  }

  /// Whether a connection is the other end of this socket, which this process has connected.
  bool has_one_from(int connected) const noexcept {
    sockaddr_storage visitor{};
    socklen_t size = sizeof visitor;
    if (::getsockname(connected, reinterpret_cast<sockaddr*>(&visitor), &size) != 0) return false;
    bool found = false;
    for_each([&](int socket) {
      sockaddr_storage peer{};
      socklen_t peer_size = sizeof peer;
      if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0 &&
          port_of(peer) == port_of(visitor)) {
        found = true;
      }
    });
    return found;
  }

 private:
  struct close_folder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
  };

  template <class Call>
  void for_each(Call call) const noexcept {
    if (!known_) return;
    const std::unique_ptr<DIR, close_folder> files(::opendir("/proc/self/fd"));
    if (!files) return;
    while (const dirent* const file = ::readdir(files.get())) {
      const std::string_view name = file->d_name;
      int number = -1;
      const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (problem == std::errc() && end == name.data() + name.size() && is_one(number))
        call(number);
    }
  }

  bool is_one(int file) const noexcept {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens != 0)
      return false;
    int type = 0;
    size = sizeof type;
    if (::getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
      return false;
    sockaddr_storage own{};
    size = sizeof own;
    if (::getsockname(file, reinterpret_cast<sockaddr*>(&own), &size) != 0) return false;
    return port_of(own) != 0 && port_of(own) == port_of(address_) && is_served(own);
  }

  /// Returns 0 for an address without a port.
  static in_port_t port_of(const sockaddr_storage& address) noexcept {
    if (address.ss_family == AF_INET) return reinterpret_cast<const sockaddr_in&>(address).sin_port;
    if (address.ss_family == AF_INET6)
      return reinterpret_cast<const sockaddr_in6&>(address).sin6_port;
    return 0;
  }

  /// Whether connections to this address reach the listening socket, if the port is the same.
  bool is_served(const sockaddr_storage& own) const noexcept {
    if (address_.ss_family == AF_INET) {
      const auto& listening = reinterpret_cast<const sockaddr_in&>(address_).sin_addr;
      return own.ss_family == AF_INET &&
             (listening.s_addr == htonl(INADDR_ANY) ||
              listening.s_addr == reinterpret_cast<const sockaddr_in&>(own).sin_addr.s_addr);
    }
    const in6_addr& listening = reinterpret_cast<const sockaddr_in6&>(address_).sin6_addr;
    return IN6_IS_ADDR_UNSPECIFIED(&listening) ||
           (own.ss_family == AF_INET6 &&
            IN6_ARE_ADDR_EQUAL(&listening, &reinterpret_cast<const sockaddr_in6&>(own).sin6_addr));
  }

  static bool is_unused(int socket) noexcept {
    // The offset of tcpi_bytes_received in Linux's tcp_info. glibc's header has only the beginning
    // of the structure.
    constexpr std::size_t bytes_received = 128;
    std::array<unsigned char, 256> info{};
    socklen_t size = info.size();
    std::uint64_t received = 1;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, info.data(), &size) == 0 &&
        size >= bytes_received + sizeof received) {
      std::memcpy(&received, info.data() + bytes_received, sizeof received);
    }
    return received == 0;
  }

  sockaddr_storage address_{};
  bool known_ = false;
};

}  // namespace scs::http::detail
