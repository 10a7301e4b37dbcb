#include <filesystem>
#include <memory>

#include <buntdb/buntdb.hpp>
#include <buntdb/control.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/session_commands.hpp>

void serve(const std::filesystem::path& file) {
  buntdb::database db = buntdb::database::open(file);
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db)};
  const scs::stores::bunt_options apart{.prefix = "admin:"};
  scs::session_manager admin_sessions{std::make_unique<scs::stores::bunt>(db, apart)};

  // FILE.sock, with the sessions of both managers.
  buntdb::control_socket control{db,
                                 file,
                                 {.commands = scs::stores::session_commands(
                                      db, {{&sessions}, {&admin_sessions, apart.prefix}})}};

  // … serve until the process is asked to end; then:
  control.close();
  db.close();
}
