#include "socket/stream.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace buntdb::control {

namespace {

constexpr std::size_t buffer_size = std::size_t{64} << 10U;

/// Waits until the socket is ready for these events. Returns false after the deadline.
bool wait_for(int socket, short events, stream::clock::time_point deadline) noexcept {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - stream::clock::now()).count();
    if (left <= 0) return false;
    pollfd waited{.fd = socket, .events = events, .revents = 0};
    constexpr std::int64_t most = 60'000;
    if (::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left, most))) > 0) return true;
  }
}

}  // namespace

stream::stream(descriptor socket, std::chrono::milliseconds send_timeout)
    : socket_(std::move(socket)), send_timeout_(send_timeout), received_(buffer_size, '\0') {}

std::string_view stream::read(clock::time_point deadline) {
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), received_.data(), received_.size(), 0);
    if (got >= 0) return {received_.data(), static_cast<std::size_t>(got)};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {};
    if (!wait_for(socket_.get(), POLLIN, deadline)) return {};
  }
}

void stream::write(std::string_view bytes) {
  written_ += bytes.size();
  if (unsent_.size() + bytes.size() < buffer_size) {
    unsent_ += bytes;
    return;
  }
  flush();
  if (bytes.size() < buffer_size) {
    unsent_ = bytes;
  } else {
    send(bytes);
  }
}

void stream::flush() {
  send(unsent_);
  unsent_.clear();
}

void stream::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket_.get(), POLLOUT, clock::now() + send_timeout_)) {
        throw client_lost("the client takes nothing of its answer");
      }
    } else if (errno != EINTR) {
      throw client_lost("the client has gone");
    }
  }
}

bool stream::has_input() const noexcept {
  pollfd looked_at{
      .fd = socket_.get(), .events = static_cast<short>(POLLIN | hang_up), .revents = 0};
  return ::poll(&looked_at, 1, 0) > 0;
}

void stream::end() const noexcept {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace buntdb::control
