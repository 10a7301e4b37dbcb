#include "raw_http.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int problem = errno;
    close(socket);
    errno = problem;
    return -1;
  }
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return socket;
}

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

std::vector<std::string> http_response::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [header, value] : headers) {
    if (same_name(header, name)) values.push_back(value);
  }
  return values;
}

std::string http_response::one(std::string_view name) const {
  const std::vector<std::string> values = all(name);
  return values.size() == 1 ? values.front() : "";
}

http_connection::http_connection(int port) : socket_(connect_to(port)) {
  if (socket_ < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "connecting to 127.0.0.1:" + std::to_string(port));
  }
}

http_connection::~http_connection() {
  close(socket_);
}

bool http_connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void http_connection::finish_sending() const {
  shutdown(socket_, SHUT_WR);
}

bool http_connection::fill() {
  std::array<char, 16384> buffer;
  ssize_t count = 0;
  do {
    count = recv(socket_, buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  closed_ = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  if (count <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool http_connection::take_line(std::string& line) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return true;
}

http_response http_connection::receive(expect expected) {
  http_response response;
  std::string line;
  if (!take_line(line) || !(line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 "))) {
    return response;
  }
  response.status = std::atoi(line.c_str() + 9);
  while (true) {
    if (!take_line(line)) return response;
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      response.headers.emplace_back("not a header", line);
    } else {
      response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
  }
  if (expected == expect::no_body || response.status == 204 || response.status == 304) {
    response.complete = true;
    return response;
  }

  if (response.one("Transfer-Encoding") == "chunked") {
    while (take_line(line)) {
      const std::size_t size = number(line, 16);
      while (received_.size() < size + 2) {
        if (!fill()) return response;
      }
      response.body += received_.substr(0, size);
      received_.erase(0, size + 2);
      if (size == 0) {
        response.complete = true;
        return response;
      }
    }
    return response;
  }

  const std::size_t length = number(response.one("Content-Length"), 10);
  while (received_.size() < length && fill()) {
  }
  response.complete = received_.size() >= length;
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

bool http_connection::server_closes() {
  while (fill()) {
  }
  return closed_;
}

std::string http_connection::receive_all(std::chrono::milliseconds silence) {
  constexpr int first_wait_ms = 10'000;
  pollfd waits{.fd = socket_, .events = POLLIN, .revents = 0};
  do {
    const int limit = received_.empty() ? first_wait_ms : static_cast<int>(silence.count());
    if (poll(&waits, 1, limit) <= 0) break;
  } while (fill());
  return std::exchange(received_, {});
}

std::string http_connection::receive_rest() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

http_response http_connection::get(std::string_view target, std::string_view header_lines) {
  return request("GET", target, header_lines);
}

http_response http_connection::request(std::string_view method, std::string_view target,
                                       std::string_view header_lines, std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  text.append(header_lines);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text.append("\r\n").append(body);
  send(text);
  return receive(method == "HEAD" ? expect::no_body : expect::body);
}

http_response http_get(int port, std::string_view target, std::string_view header_lines) {
  return http_connection(port).get(target, header_lines);
}

bool is_listening(int port) {
  const int socket = connect_to(port);
  if (socket < 0) return false;
  close(socket);
  return true;
}

bool wait_until_listening(int port, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is_listening(port)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}
