#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace test {

/// Relays TCP connections to a server on 127.0.0.1, and counts their round trips. It can stop
/// forwarding bytes without closing a connection, as a firewall does that has dropped the
/// connection from its table.
class tcp_proxy {
 public:
  /// Throws std::runtime_error.
  explicit tcp_proxy(int server_port);
  ~tcp_proxy();
  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  int port() const noexcept { return port_; }

  /// When this returns, the present connections do not forward anything any more. New ones do.
  void silence_present_ones();
  /// When this returns, new connections are accepted but do not forward anything, either.
  void silence_all();

  /// How many connections were accepted.
  int connections() const noexcept { return accepted_; }
  /// How many of them their clients have not closed.
  int open_connections();
  /// How often a client began to send after the server had sent something.
  int round_trips() const noexcept { return round_trips_; }

 private:
  struct pair {
    int client = -1;
    int server = -1;
    bool silent = false;
    bool server_sent_last = true;
  };

  void run(int server_port);
  void accept_one(int server_port);
  /// Returns false at the connection's end.
  bool pass_on(pair& each);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> round_trips_ = 0;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;  // guards the other members
  std::vector<pair> pairs_;
  bool all_silent_ = false;
  std::thread thread_;
};

}  // namespace test
