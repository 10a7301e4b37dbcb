#include "stores/engines/proxy.hpp"

#include <array>
#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace buntdb::attacks::stores {

namespace {

using clock = std::chrono::steady_clock;

sockaddr_in loopback(int port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  return where;
}

struct parcel {
  std::string bytes;
  clock::time_point due;
};

/// The bytes under way in one direction.
struct direction {
  std::deque<parcel> waiting{};
};

}  // namespace

struct proxy::link {
  int client = -1;
  int server = -1;
  int cuts = 0;
  int answer_cuts = 0;
  direction requests{};
  direction answers{};

  ~link() {
    ::close(client);
    if (server != -1) ::close(server);
  }
};

proxy::proxy(int server_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in where = loopback(0);
  socklen_t size = sizeof where;
  if (listener_ == -1 || ::bind(listener_, reinterpret_cast<sockaddr*>(&where), size) == -1 ||
      ::listen(listener_, 128) == -1 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size) == -1) {
    throw std::runtime_error("a proxy cannot listen");
  }
  port_ = ntohs(where.sin_port);
  thread_ = std::thread([this] { run(); });
}

proxy::~proxy() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void proxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client == -1) return;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = loopback(server_port_);
  if (server == -1 ||
      ::connect(server, reinterpret_cast<const sockaddr*>(&where), sizeof where) == -1) {
    ::close(client);
    if (server != -1) ::close(server);
    return;
  }
  ::fcntl(server, F_SETFL, O_NONBLOCK);
  const int on = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  link& fresh = links_.emplace_back();
  fresh.client = client;
  fresh.server = server;
  fresh.cuts = cuts_;
  fresh.answer_cuts = answer_cuts_;
}

/// Receives what has arrived. Returns false at the end of the connection.
bool proxy::pass(link& each, int from, bool answers) {
  std::array<char, 16384> room;
  const ssize_t size = ::recv(from, room.data(), room.size(), 0);
  if (size == 0) return false;
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (answers && each.answer_cuts != answer_cuts_) return false;
  if (dropping_) return true;
  direction& into = answers ? each.answers : each.requests;
  into.waiting.push_back({std::string(room.data(), static_cast<std::size_t>(size)),
                          clock::now() + std::chrono::milliseconds{delay_ms_.load()}});
  return true;
}

namespace {

bool deliver(direction& from, int to) {
  while (!from.waiting.empty() && from.waiting.front().due <= clock::now()) {
    std::string& bytes = from.waiting.front().bytes;
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (bytes.empty()) from.waiting.pop_front();
  }
  return true;
}

}  // namespace

bool proxy::serve(link& each) {
  if (each.cuts != cuts_) return false;
  if (holding_) return true;
  return deliver(each.requests, each.server) && deliver(each.answers, each.client);
}

void proxy::run() {
  std::vector<pollfd> watched;
  while (!ending_) {
    watched.assign(1, {.fd = listener_, .events = POLLIN, .revents = 0});
    const bool quiet = holding_;
    bool waiting = false;
    for (link& each : links_) {
      const short events = quiet ? short{0} : short{POLLIN};
      watched.push_back({.fd = each.client, .events = events, .revents = 0});
      watched.push_back({.fd = each.server, .events = events, .revents = 0});
      waiting |= !each.requests.waiting.empty() || !each.answers.waiting.empty();
    }
    ::poll(watched.data(), watched.size(), waiting || quiet ? 1 : 20);
    std::size_t at = 1;
    for (auto each = links_.begin(); each != links_.end();) {
      const bool asked = (watched[at].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      const bool answered = (watched[at + 1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      at += 2;
      const bool lives = (quiet || ((!asked || pass(*each, each->client, false)) &&
                                    (!answered || pass(*each, each->server, true)))) &&
                         serve(*each);
      each = lives ? std::next(each) : links_.erase(each);
    }
    if ((watched.front().revents & POLLIN) != 0) accept_one();
  }
}

}  // namespace buntdb::attacks::stores
