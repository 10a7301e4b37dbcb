#pragma once

#include <atomic>
#include <thread>

namespace test {

/// Passes a TCP connection on to a server on 127.0.0.1, one at a time, and counts how often the
/// client begins to speak after the server has: its round trips.
class counting_proxy {
 public:
  /// Throws std::runtime_error.
  explicit counting_proxy(int server_port);
  ~counting_proxy();
  counting_proxy(const counting_proxy&) = delete;
  counting_proxy& operator=(const counting_proxy&) = delete;

  int port() const noexcept { return port_; }
  int round_trips() const noexcept { return round_trips_; }

 private:
  void run(int server_port);
  void pass_on(int client, int server);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> round_trips_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace test
