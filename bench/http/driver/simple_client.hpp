#pragma once

#include <string>

#include "http/load/response_reader.hpp"

namespace bench::http {

/// Returns whether something listens on that port of 127.0.0.1.
bool is_listening(int port);

/// A client that waits at most five seconds for each answer. It keeps one connection as long as the
/// server keeps it open. Used by one thread at a time.
class simple_client {
 public:
  explicit simple_client(int port) : port_(port) {}
  simple_client(const simple_client&) = delete;
  simple_client& operator=(const simple_client&) = delete;
  ~simple_client() { close(); }

  /// `cookie` is "name=value", or empty. Throws if no whole answer arrives.
  response get(const std::string& path, const std::string& cookie);

 private:
  void close() noexcept;

  const int port_;
  int socket_ = -1;
};

}  // namespace bench::http
