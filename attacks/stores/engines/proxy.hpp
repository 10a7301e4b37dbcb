#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace buntdb::attacks::stores {

/// Relays TCP connections to a server on 127.0.0.1, and fails as networks do. It has its own
/// thread; any thread may change its behavior.
class proxy {
 public:
  /// Throws std::runtime_error.
  explicit proxy(int server_port);
  ~proxy();
  proxy(const proxy&) = delete;
  proxy& operator=(const proxy&) = delete;

  int port() const noexcept { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Applies to later connections.
  void lead_to(int server_port) noexcept { server_port_ = server_port; }
  /// Delays everything that arrives, in each direction.
  void delay(std::chrono::milliseconds by) noexcept { delay_ms_ = by.count(); }
  /// While it is on, nothing is forwarded, and new connections are accepted. What was held back is
  /// forwarded afterward.
  void hold(bool on) noexcept { holding_ = on; }
  /// Does the same, but drops what arrives meanwhile: those connections are dead without a sign.
  void drop(bool on) noexcept { dropping_ = on; }
  /// Ends all connections.
  void cut() noexcept { ++cuts_; }
  /// Ends each connection when its next answer arrives, which is dropped.
  void cut_answers() noexcept { ++answer_cuts_; }

 private:
  struct link;

  void run();
  void accept_one();
  bool serve(link& each);
  bool pass(link& each, int from, bool answers);

  std::atomic<int> server_port_;
  std::atomic<std::int64_t> delay_ms_{0};
  std::atomic<bool> holding_{false};
  std::atomic<bool> dropping_{false};
  std::atomic<int> cuts_{0};
  std::atomic<int> answer_cuts_{0};
  std::atomic<bool> ending_{false};
  int listener_ = -1;
  int port_ = 0;
  std::list<link> links_;
  std::thread thread_;
};

struct fault;

/// Adds faults of the network between a web server and its store.
void add_network_faults(std::vector<fault>& all, proxy& network);

/// Undoes what these faults may have left, and ends the connections.
void heal_network(proxy& network);

}  // namespace buntdb::attacks::stores
