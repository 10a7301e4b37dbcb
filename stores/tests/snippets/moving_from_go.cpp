#include <memory>
#include <string>
#include <utility>

#include <scs/gob_codec.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/moving.hpp>
#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>

// Where Go's SCS keeps the sessions: redisstore and goredisstore,

std::unique_ptr<scs::store> sessions_of_redisstore(const std::string& server) {
  return std::make_unique<scs::stores::redis>(
      scs::stores::redis_options{.servers = {server},
                                 .key_prefix = "scs:session:",
                                 .records = scs::stores::redis_records::scs_v2});
}

// or postgresstore and pgxstore.

std::unique_ptr<scs::store> sessions_of_postgresstore(const std::string& connection) {
  return std::make_unique<scs::stores::postgres>(
      scs::stores::postgres_options{.connection = connection,
                                    .table = "sessions",
                                    .records = scs::stores::postgres_records::scs_v2,
                                    .if_missing = scs::stores::missing_table::refuse});
}

// Restart 1, with moving_stage::prepare, and restart 2, with moving_stage::move:

std::unique_ptr<scs::session_manager> sessions_that_leave_go(std::unique_ptr<scs::store> of_go,
                                                             std::unique_ptr<scs::store> to,
                                                             scs::stores::moving_stage stage) {
  auto store = std::make_unique<scs::stores::moving>(std::move(of_go), std::move(to),
                                                     scs::stores::moving_options{.stage = stage});
  scs::session_options options;
  options.cookie.name = "session";
  options.ids = scs::id_mode::raw;
  options.codec = std::make_shared<scs::gob_codec>();
  return std::make_unique<scs::session_manager>(std::move(store), std::move(options));
}
