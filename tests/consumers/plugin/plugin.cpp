// A plugin with a separate copy of the libraries.

#include <memory>
#include <string>

#include <buntdb/buntdb.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

extern "C" {

/// Sets and reads a key in a new database. Throws what the libraries throw.
__attribute__((visibility("default"))) bool plugin_stores_a_value(const char* key) {
  buntdb::database db = buntdb::database::in_memory();
  db.set(key, "value");
  return db.get(key) == "value";
}

/// Throws scs::error (invalid_options).
__attribute__((visibility("default"))) void plugin_makes_a_wrong_manager() {
  buntdb::database db = buntdb::database::in_memory();
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.lifetime = std::chrono::hours(-1)}};
}
}
