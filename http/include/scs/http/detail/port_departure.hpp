#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <scs/http/detail/open_connections.hpp>

// How a process leaves a port that it shares (SO_REUSEPORT) without resetting a connection.

namespace scs::http::detail {

/// Whether a connection waits to be accepted.
inline bool connection_waits(int listening) noexcept {
  pollfd wanted{.fd = listening, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, 0) > 0 && (wanted.revents & POLLIN) != 0;
}

/// The system assigns each new connection to one of the sockets that share a port. It resets the
/// connections that wait at a socket that is closed. So a port is left in these steps, while the
/// server still accepts connections:
///
/// 1. New connections are directed to another process. A filter contains the number of the socket
///    that gets them, in the order in which the sockets began to listen. A connection that this
///    process makes shows whether that is another process's socket.
/// 2. Handshakes that began before get some time to end.
/// 3. When no connection waits any more, the socket may be closed.
///
/// If the system has no such filter (before Linux 4.6), only the third step is done: a handshake
/// that ends between it and the close is reset. If no other process listens, that step does not
/// wait for long: new visitors are refused in any case.
///
/// Used by one thread. step() never blocks. Call it again after a pause.
class port_departure {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds pause{2};
  /// The time for handshakes that began before new connections went to the other process.
  static constexpr std::chrono::milliseconds handshake_time{200};

  /// The socket must stay open until the end.
  explicit port_departure(int listening) noexcept
      : listening_(listening), connections_(listening) {}
  ~port_departure() { close_probe(); }
  port_departure(const port_departure&) = delete;
  port_departure& operator=(const port_departure&) = delete;

  /// Whether the socket may be closed now. Otherwise call it again after the pause.
  bool step(clock::time_point now) noexcept {
    if (state_ == state::seeks) seek(now);
    if (state_ != state::drains || now < drains_until_) return false;
    return is_over(now) || !connection_waits(listening_);
  }

  /// Whether the socket is to be closed even if a connection waits.
  bool is_over(clock::time_point now) const noexcept { return now >= closes_at_; }

 private:
  enum class state { seeks, drains };
  enum class seen { nothing_yet, here, elsewhere, unknown };

  void seek(clock::time_point now) noexcept {
    if (probe_ < 0) {
      if (tried_ == numbers.size()) {
        give_up(now);
        closes_at_ = now + time_without_successor;
        return;
      }
      if (!steer_to(numbers[tried_++]) || !open_probe()) {
        give_up(now);
        return;
      }
      probe_since_ = now;
      missed_ = 0;
    }
    switch (look_for_probe(now)) {
      case seen::nothing_yet:
        break;
      case seen::here:
        close_probe();
        break;
      case seen::elsewhere:
        close_probe();
        drains_until_ = now + handshake_time;
        state_ = state::drains;
        break;
      case seen::unknown:
        give_up(now);
        break;
    }
  }

  void give_up(clock::time_point now) noexcept {
    close_probe();
    const int yes = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &yes, sizeof yes);
    drains_until_ = now;
    state_ = state::drains;
  }

  bool steer_to(unsigned number) const noexcept {
    sock_filter always{BPF_RET | BPF_K, 0, 0, number};
    const sock_fprog program{.len = 1, .filter = &always};
    return ::setsockopt(listening_, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                        sizeof program) == 0;
  }

  /// Connects to the port without waiting.
  bool open_probe() noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
    probe_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe_ < 0) return false;
    ::connect(probe_, reinterpret_cast<const sockaddr*>(&address), size);
    return true;
  }

  seen look_for_probe(clock::time_point now) noexcept {
    constexpr std::chrono::milliseconds patience{200};
    const seen not_yet = now - probe_since_ < patience ? seen::nothing_yet : seen::unknown;
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(probe_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return not_yet;
    if (connections_.has_one_from(probe_)) return seen::here;
    if (connection_waits(listening_)) return not_yet;  // may be the probe
    // Between the queue and the table of open files, a connection is in neither for a moment.
    constexpr int enough = 2;
    return ++missed_ < enough ? seen::nothing_yet : seen::elsewhere;
  }

  void close_probe() noexcept {
    if (probe_ >= 0) ::close(std::exchange(probe_, -1));
  }

  /// The numbers of sockets that may belong to another process. A process that takes over comes
  /// second. The first number is that of a process that stayed.
  static constexpr std::array<unsigned, 2> numbers{1, 0};
  /// The time for connections that wait to be accepted if no other process listens.
  static constexpr std::chrono::milliseconds time_without_successor{20};

  const int listening_;
  const open_connections connections_;
  state state_ = state::seeks;
  std::size_t tried_ = 0;
  int probe_ = -1;
  clock::time_point probe_since_{};
  int missed_ = 0;
  clock::time_point drains_until_{};
  clock::time_point closes_at_ = clock::time_point::max();  // whether or not a connection waits
};

}  // namespace scs::http::detail
