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

/// A manager whose store is a stores::bunt, possibly inside of another store.
struct operated_manager {
  /// Must not be null.
  session_manager* manager = nullptr;
  /// The bunt_options::prefix of its store.
  std::string prefix = {};
};

/// Returns the command `sessions` for a buntdb::control_socket. It lists the managers' sessions as
/// they are in the database. It ends sessions through the managers, so that the result is the same
/// as in the application: with watermarks, events and metrics, durably, and without using the
/// copies of a near cache. Ids are those of session::id(). docs/control.md describes the command.
///
/// The managers and the database must outlive the socket. Throws scs::error (invalid_options) if
/// there is no manager, or if two managers have the same prefix.
BUNTSTORE_PUBLIC std::vector<buntdb::control_command> session_commands(
    buntdb::database& db, std::vector<operated_manager> managers);

}  // namespace scs::stores
