#pragma once

#include <memory>
#include <string>

#include "postgres_server.hpp"

namespace test {

/// A pgbouncer in front of a server, which gives every transaction another one of few connections.
class transaction_pooler {
 public:
  /// Whether it keeps track of prepared statements for its clients, which pgbouncer can do since
  /// 1.21 and does by default since 1.24.
  enum class prepared_statements { pass, track };

  /// Returns when it answers. Throws std::exception.
  transaction_pooler(const postgres_server& server, int connections, prepared_statements what);

  /// Whether the pgbouncer that is installed can track them.
  static bool can_track();

  std::string conninfo() const;

 private:
  int port_;
  std::unique_ptr<process> pooler_;
};

}  // namespace test
