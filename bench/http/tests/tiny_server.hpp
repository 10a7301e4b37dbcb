#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

namespace bench::http {

/// Answers on 127.0.0.1, on its own thread, as a function decides.
class tiny_server {
 public:
  struct reaction {
    std::string answer = {};  ///< the bytes to send; empty: no answer at all
    bool close = false;       ///< after the answer
  };
  /// Decides how to react to a request on that connection, counted from 0 in the order of
  /// acceptance. Called on the server's thread.
  using rule = std::function<reaction(std::size_t connection)>;

  explicit tiny_server(rule answering);
  tiny_server(const tiny_server&) = delete;
  tiny_server& operator=(const tiny_server&) = delete;
  ~tiny_server();

  int port() const noexcept { return port_; }

 private:
  void run();

  const rule rule_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace bench::http
