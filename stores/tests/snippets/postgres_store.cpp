#include <chrono>
#include <memory>
#include <string>

#include <scs/session_manager.hpp>
#include <scs/stores/postgres.hpp>

using namespace std::chrono_literals;

// `connection` is libpq's: "host=db.example dbname=app user=app password=..."
std::unique_ptr<scs::session_manager> sessions_in_postgres(const std::string& connection) {
  auto store = std::make_unique<scs::stores::postgres>(
      scs::stores::postgres_options{.connection = connection, .timeout = 2s});
  store->migrate();  // creates the table, or says what is wrong while you are still there
  return std::make_unique<scs::session_manager>(std::move(store),
                                                scs::session_options{.lifetime = 24h});
}
