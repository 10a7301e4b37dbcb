#pragma once

#include <string>
#include <vector>

#include <buntdb/control_command.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb {
class database;
}
namespace scs {
class session_manager;
}

namespace scs::stores {

/// A manager whose sessions a stores::bunt keeps, alone or under another store.
struct operated_manager {
  session_manager* manager = nullptr;
  /// bunt_options::prefix of its store.
  std::string prefix = {};
};

/// The command `sessions` for a buntdb::control_socket: lists the managers' sessions as they are in
/// the database, and ends them through the managers, so that it happens as in the application:
/// with watermarks, events and metrics, without the copies of a near cache, and durably. Ids are
/// those of session::id(). docs/control.md says how it is called.
///
/// The managers and the database must outlive the socket. Throws scs::error (invalid_options) for
/// two managers with one prefix, or none.
BUNTSTORE_PUBLIC std::vector<buntdb::control_command> session_commands(
    buntdb::database& db, std::vector<operated_manager> managers);

}  // namespace scs::stores
