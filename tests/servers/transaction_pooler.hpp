#pragma once

#include <memory>
#include <string>

#include "postgres_server.hpp"

namespace test {

/// A pgbouncer between clients and a server. It has a few connections to the server, and may run
/// each transaction on another one.
class transaction_pooler {
 public:
  /// Whether it tracks its clients' prepared statements. pgbouncer can do that since 1.21, and does
  /// so by default since 1.24.
  enum class prepared_statements { pass, track };

  /// Starts pgbouncer, and returns when it answers. Throws std::exception.
  transaction_pooler(const postgres_server& server, int connections, prepared_statements what);

  /// Whether the installed pgbouncer can track them.
  static bool can_track();

  std::string conninfo() const;

 private:
  int port_;
  std::unique_ptr<process> pooler_;
};

}  // namespace test
