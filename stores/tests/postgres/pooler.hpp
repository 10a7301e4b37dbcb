#pragma once

#include <memory>
#include <string>

#include "server.hpp"

namespace test {

/// A pgbouncer in front of a server, which gives every transaction another one of few connections.
class transaction_pooler {
 public:
  /// Returns when it answers. Throws std::exception.
  transaction_pooler(const postgres_server& server, int connections);

  std::string conninfo() const;

 private:
  int port_;
  std::unique_ptr<process> pooler_;
};

}  // namespace test
