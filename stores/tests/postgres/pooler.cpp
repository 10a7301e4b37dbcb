#include "pooler.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <libpq-fe.h>

namespace test {

transaction_pooler::transaction_pooler(const postgres_server& server, int connections)
    : port_(postgres_server::free_port()) {
  const auto settings = server.folder() / ("pooler" + std::to_string(port_) + ".ini");
  std::ofstream{settings} << "[databases]\npostgres = host=127.0.0.1 user=app dbname=postgres port="
                          << server.port()
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                          << "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                             "default_pool_size = "
                          << connections << '\n';
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
