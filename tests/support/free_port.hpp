#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

/// Returns a port of the loopback on which no process listens, below those that the system assigns
/// to clients. It never returns the same port twice in a program. Throws std::runtime_error. Any
/// thread may call it.
inline int free_port() {
  static std::mutex mutex;
  static std::set<int> given;
  const std::lock_guard lock{mutex};
  std::random_device random;
  std::uniform_int_distribution<int> ports{15'000, 32'000};
  for (int i = 0; i < 1000; ++i) {
    const int port = ports(random);
    if (given.contains(port)) continue;
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool free = ::bind(handle, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(handle);
    if (!free) continue;
    given.insert(port);
    return port;
  }
  throw std::runtime_error("no free port");
}

}  // namespace test
