#include "client_load.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw_http.hpp"

namespace {

using std::chrono::steady_clock;

bool closes(const http_response& response) {
  return response.one("Connection") == "close";
}

/// A connection that sends one request as soon as it is open, and reads until the server closes it.
class burst_connection {
 public:
  burst_connection(int port, const std::string& target)
      : request_("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      ended_ = true;
    }
  }
  ~burst_connection() { close(socket_); }
  burst_connection(const burst_connection&) = delete;
  burst_connection& operator=(const burst_connection&) = delete;

  bool ended() const noexcept { return ended_; }
  bool answered() const { return ended_ && received_.starts_with("HTTP/1.1 200"); }
  pollfd waits_for() const noexcept {
    return {.fd = socket_, .events = static_cast<short>(sent_ ? POLLIN : POLLOUT), .revents = 0};
  }

  void go_on() {
    if (!sent_) {
      const auto size = static_cast<ssize_t>(request_.size());
      sent_ = send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL) == size;
      ended_ = !sent_;
      return;
    }
    char bytes[4096];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    if (count > 0) {
      received_.append(bytes, static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EAGAIN) {
      ended_ = true;
    }
  }

 private:
  std::string request_;
  int socket_ = -1;
  bool sent_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace

std::vector<std::chrono::microseconds> times_in_sequence(int port, const std::string& target,
                                                         const std::string& header_lines,
                                                         int requests) {
  std::vector<std::chrono::microseconds> times;
  std::optional<http_connection> connection;
  for (int i = 0; i < requests; ++i) {
    if (!connection) connection.emplace(port);
    const auto begin = steady_clock::now();
    const http_response response = connection->get(target, header_lines);
    times.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin));
    if (response.status != 200 || response.body.empty()) {
      throw std::runtime_error(target + " was answered with " + std::to_string(response.status) +
                               " and " + std::to_string(response.body.size()) + " bytes");
    }
    if (closes(response)) connection.reset();
  }
  std::sort(times.begin(), times.end());
  return times;
}

burst_result burst(int port, const std::string& target, int connections,
                   std::chrono::milliseconds limit) {
  const auto begin = steady_clock::now();
  std::vector<std::unique_ptr<burst_connection>> all;
  for (int i = 0; i < connections; ++i)
    all.push_back(std::make_unique<burst_connection>(port, target));
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<burst_connection*> owners;
    for (const auto& one : all) {
      if (one->ended()) continue;
      waiting.push_back(one->waits_for());
      owners.push_back(one.get());
    }
    const auto left =
        limit - std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    if (waiting.empty() || left.count() <= 0) break;
    poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) owners[i]->go_on();
    }
  }
  burst_result result;
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
  result.answered = static_cast<int>(
      std::count_if(all.begin(), all.end(), [](const auto& one) { return one->answered(); }));
  return result;
}

load_result ask_without_pause(int port, const std::string& target, const std::string& header_lines,
                              int visitors, std::chrono::milliseconds duration) {
  load_result all;
  all.least_served = std::numeric_limits<int>::max();
  std::mutex counting;
  const auto end = steady_clock::now() + duration;
  const auto visit = [&] {
    std::optional<http_connection> connection;
    load_result own;
    for (auto asked = steady_clock::now(); asked < end; asked = steady_clock::now()) {
      bool answered = false;
      try {
        if (!connection) connection.emplace(port);
        const http_response response = connection->get(target, header_lines);
        answered = response.status == 200;
        if (!answered || closes(response)) connection.reset();
      } catch (const std::system_error&) {
        connection.reset();
      }
      own.answers += answered ? 1 : 0;
      own.failures += answered ? 0 : 1;
      own.longest_silence = std::max(
          own.longest_silence,
          std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - asked));
    }
    const std::lock_guard lock(counting);
    all.answers += own.answers;
    all.least_served = std::min(all.least_served, own.answers);
    all.longest_silence = std::max(all.longest_silence, own.longest_silence);
    all.failures += own.failures;
  };
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(visitors));
  for (int i = 0; i < visitors; ++i)
    threads.emplace_back(visit);
  threads.clear();
  return all;
}
