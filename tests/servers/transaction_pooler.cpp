#include "transaction_pooler.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <libpq-fe.h>

#include "free_port.hpp"

namespace test {

namespace {

/// An older version does not know the setting.
std::string max_prepared_statements(transaction_pooler::prepared_statements what) {
  if (!transaction_pooler::can_track()) return "";
  const bool track = what == transaction_pooler::prepared_statements::track;
  return "max_prepared_statements = " + std::string{track ? "200" : "0"} + "\n";
}

}  // namespace

bool transaction_pooler::can_track() {
  // "PgBouncer 1.24.1", and a line for each library that it was built with.
  const std::unique_ptr<FILE, int (*)(FILE*)> told{popen(PGBOUNCER " --version 2>/dev/null", "r"),
                                                   pclose};
  int major = 0;
  int minor = 0;
  // Also called where pgbouncer is missing and its tests are skipped.
  if (!told || std::fscanf(told.get(), "PgBouncer %d.%d", &major, &minor) != 2) return false;
  return major > 1 || minor >= 21;
}

transaction_pooler::transaction_pooler(const postgres_server& server, int connections,
                                       prepared_statements what)
    : port_(free_port()) {
  const auto settings = server.folder() / ("pooler" + std::to_string(port_) + ".ini");
  std::ofstream{settings} << "[databases]\npostgres = host=127.0.0.1 user=app dbname=postgres port="
                          << server.port()
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                          << "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                             "server_login_retry = 0.1\n"
                             "default_pool_size = "
                          << connections << '\n'
                          << max_prepared_statements(what);
  pooler_ = server.run({PGBOUNCER, settings.string()});
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (PQping(conninfo().c_str()) != PQPING_OK) {
    if (!pooler_->running() || std::chrono::steady_clock::now() > give_up) {
      throw std::runtime_error("pgbouncer does not start: " + pooler_->errors());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

std::string transaction_pooler::conninfo() const {
  return "host=127.0.0.1 dbname=postgres user=visitor port=" + std::to_string(port_);
}

}  // namespace test
