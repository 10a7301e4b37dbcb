#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "live/reply_parser.hpp"
#include "socket/address.hpp"

namespace buntdb::control::test {

/// Returns the answer as text: `[a, 1, null]`, an error as `-CODE message`, a status as `+OK`.
inline std::string text_of(const reply& value) {
  switch (value.type) {
    case reply::kind::status:
      return "+" + value.text;
    case reply::kind::error:
      return "-" + value.text;
    case reply::kind::integer:
      return std::to_string(value.integer);
    case reply::kind::text:
      return value.text;
    case reply::kind::null:
      return "null";
    case reply::kind::array:
      break;
  }
  std::string text = "[";
  for (const reply& each : value.elements)
    text += (text.size() == 1 ? "" : ", ") + text_of(each);
  return text + "]";
}

/// Returns the bytes of a request.
inline std::string request_of(const std::vector<std::string>& arguments) {
  std::string bytes = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments)
    bytes += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
  return bytes;
}

/// Returns false if the condition is still false after 20 seconds.
template <typename Condition>
bool wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A client that sends any bytes. Every wait ends after 20 seconds.
class test_client {
 public:
  explicit test_client(const std::filesystem::path& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const socket_address address(path);
    if (::connect(socket_.get(), address.get(), address.size()) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
  }

  /// Returns whether the server received all of it.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      pollfd waited{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
      if (::poll(&waited, 1, limit_ms) <= 0) return false;
      const ssize_t sent =
          ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Waits until the server has read all that was sent.
  bool is_read_by_server() const {
    return wait_until([&] {
      int unread = 0;
      return ::ioctl(socket_.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
    });
  }

  /// Waits until part of an answer can be read.
  bool is_answered() const {
    pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, limit_ms) > 0;
  }

  /// Waits until the server has closed the connection, without reading anything.
  bool is_closed_by_server() const {
    pollfd waited{.fd = socket_.get(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&waited, 1, limit_ms) > 0;
  }

  /// Returns the next answer, or nothing if the server has closed the connection. Throws if nothing
  /// arrives.
  std::optional<reply> receive() {
    for (;;) {
      if (auto answer = parser_.take(input_)) return answer;
      pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waited, 1, limit_ms) <= 0) throw std::runtime_error("no answer in 20 seconds");
      received_.resize(piece_size);
      const ssize_t got = ::recv(socket_.get(), received_.data(), received_.size(), 0);
      if (got <= 0) return std::nullopt;
      input_ = std::string_view(received_).substr(0, static_cast<std::size_t>(got));
    }
  }

  /// Returns the answer as text; "closed" if there is none.
  std::string ask(const std::vector<std::string>& arguments) {
    send(request_of(arguments));
    return receive_text();
  }
  std::string receive_text() {
    const std::optional<reply> answer = receive();
    return answer ? text_of(*answer) : "closed";
  }

  int socket() const noexcept { return socket_.get(); }

 private:
  static constexpr int limit_ms = 20'000;
  static constexpr std::size_t piece_size = 65536;

  descriptor socket_;
  reply_parser parser_;
  std::string received_;
  std::string_view input_;
};

}  // namespace buntdb::control::test
