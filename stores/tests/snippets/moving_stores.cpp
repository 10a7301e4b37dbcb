#include <memory>
#include <string>
#include <utility>

#include <buntdb/buntdb.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/moving.hpp>
#include <scs/stores/redis.hpp>

// Restart 1, with moving_stage::prepare, and restart 2, with moving_stage::move:

std::unique_ptr<scs::session_manager> sessions_that_move(buntdb::database& db,
                                                         const std::string& server,
                                                         scs::stores::moving_stage stage) {
  auto from = std::make_unique<scs::stores::bunt>(db);
  auto to = std::make_unique<scs::stores::redis>(scs::stores::redis_options{.servers = {server}});
  auto store = std::make_unique<scs::stores::moving>(std::move(from), std::move(to),
                                                     scs::stores::moving_options{.stage = stage});
  return std::make_unique<scs::session_manager>(std::move(store));
}

// Before restart 3, on one server, in a separate thread. Returns how many have moved:

std::size_t move_the_rest(scs::session_manager& sessions) {
  auto& store = dynamic_cast<scs::stores::moving&>(sessions.store());
  return store.move_rest();
}
