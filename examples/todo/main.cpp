// A to-do list with logins. Its items are in buntdb. The first argument says where its sessions
// are:
//
//     todo bunt
//     todo redis:127.0.0.1:6379
//     todo 'postgres:host=localhost dbname=app'
//
// The second argument is the port (default 4000), and the third one is the file of the items
// (default todo.db).

#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include <httplib.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/serve.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#ifdef TODO_WITH_REDIS
#include <scs/stores/redis.hpp>
#endif
#ifdef TODO_WITH_POSTGRES
#include <scs/stores/postgres.hpp>
#endif

#include "site.hpp"
#include "todos.hpp"

namespace {

using namespace std::chrono_literals;

std::unique_ptr<scs::store> store_of(const std::string& chosen, buntdb::database& db) {
  if (chosen == "bunt") return std::make_unique<scs::stores::bunt>(db);
#ifdef TODO_WITH_REDIS
  if (chosen.starts_with("redis:")) {
    return std::make_unique<scs::stores::redis>(
        scs::stores::redis_options{.servers = {chosen.substr(6)}});
  }
#endif
#ifdef TODO_WITH_POSTGRES
  if (chosen.starts_with("postgres:")) {
    return std::make_unique<scs::stores::postgres>(
        scs::stores::postgres_options{.connection = chosen.substr(9)});
  }
#endif
  throw std::invalid_argument(
      "sessions: bunt, or, if built with them, redis:HOST:PORT, postgres:CONNECTION");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string where = argc > 1 ? argv[1] : "bunt";
    std::istringstream wanted(argc > 2 ? argv[2] : "4000");
    int port = 0;
    if (!(wanted >> port) || !wanted.eof()) throw std::invalid_argument("the port is no number");
    buntdb::database db = buntdb::database::open(argc > 3 ? argv[3] : "todo.db");
    todo_list todos(db);
    scs::session_manager sessions{store_of(where, db),
                                  {.lifetime = 30 * 24h,
                                   .anonymous_idle_timeout = 1h,
                                   .cookie = {.secure = false},  // plain http, on this machine
                                   .max_sessions_per_user = 10}};
    httplib::Server server;
    add_site(server, sessions, todos);
    scs::http::serve(server, "127.0.0.1", port, {.on_listening = [](int listens) {
                       std::cout << "Serving on http://127.0.0.1:" << listens << std::endl;
                     }});
  } catch (const std::exception& failure) {
    std::cerr << "todo: " << failure.what() << '\n';
    return 1;
  }
}
