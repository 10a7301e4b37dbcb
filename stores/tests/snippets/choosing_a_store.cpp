#include <memory>
#include <string>
#include <utility>

#include <scs/session_manager.hpp>

// On one machine:

#include <buntdb/buntdb.hpp>  // 1
#include <scs/stores/bunt.hpp>

std::unique_ptr<scs::session_manager> sessions_of_one_machine(buntdb::database& db) {  // 2
  auto store = std::make_unique<scs::stores::bunt>(db);                                // 3
  return std::make_unique<scs::session_manager>(std::move(store));
}

// On many:

#include <scs/stores/redis.hpp>  // 1

std::unique_ptr<scs::session_manager> sessions_of_many(const std::string& server) {  // 2
  auto store = std::make_unique<scs::stores::redis>(                                 // 3
      scs::stores::redis_options{.servers = {server}});
  return std::make_unique<scs::session_manager>(std::move(store));
}
