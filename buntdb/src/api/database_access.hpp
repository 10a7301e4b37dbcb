#pragma once

#include <string>

#include <buntdb/database.hpp>
#include <buntdb/transaction.hpp>

#include "io/file_system.hpp"

namespace buntdb::engine {

class core;
class instance;
class write_state;

/// What only the library and its tests can do: open a database on another file system or without
/// threads, and make a transaction for the engine.
struct database_access {
  static database open(io::file_system& files, const std::string& path, const options& options,
                       bool with_threads = true);
  static database in_memory(const options& options, bool with_threads = true);
  static instance& instance_of(database& db) noexcept { return *db.instance_; }

  static transaction transaction_of(core& core, write_state& writing) noexcept {
    return {core, writing};
  }
  /// Returns whether the transaction is still open, and detaches it from the engine without a
  /// commit or a rollback.
  static bool let_go(transaction& tx) noexcept { return tx.let_go(); }
};

}  // namespace buntdb::engine
