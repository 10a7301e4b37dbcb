// scs_global_manager STORE: a session_manager in a global object, with the store of that name. It
// is destroyed after main(), when the library's own globals may have been destroyed. Exits with 0.
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include <buntdb/database.hpp>
#include <scs/metrics.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>

namespace {

// Destroyed in the reverse order.
std::unique_ptr<buntdb::database> database;
std::unique_ptr<scs::session_manager> sessions;

std::unique_ptr<scs::store> make_store(std::string_view name) {
  if (name != "bunt") return std::make_unique<scs::stores::memory>();
  database.reset(new buntdb::database(buntdb::database::in_memory()));
  return std::make_unique<scs::stores::bunt>(*database);
}

/// A visitor logs in. Later another request has the cookie.
void serve() {
  scs::session first = sessions->load("");
  first.set_user("tom");
  first.put("visits", 1);
  static_cast<void>(sessions->commit(first));
  scs::session second = sessions->load("session=none");
  static_cast<void>(second.get_or("visits", 0));
  static_cast<void>(sessions->sessions_of("tom"));
  static_cast<void>(sessions->commit(second));
}

}  // namespace

int main(int, char** words) {
  scs::session_options options;
  options.lifetime = std::chrono::milliseconds(1);
  options.metrics = std::make_shared<scs::metrics>();
  sessions = std::make_unique<scs::session_manager>(make_store(words[1]), std::move(options));
  serve();
}
