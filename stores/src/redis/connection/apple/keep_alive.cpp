#include "redis/connection/keep_alive.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace scs::stores::redis_detail {

void notice_silent_death(int socket, std::chrono::milliseconds longest_silence) {
  const auto set = [socket](int level, int name, int value) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPALIVE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(longest_silence);
  set(IPPROTO_TCP, TCP_RXT_CONNDROPTIME, static_cast<int>(seconds.count()));
}

}  // namespace scs::stores::redis_detail
