#pragma once

#include <memory>

#include <buntdb/database.hpp>
#include <buntdb/transaction.hpp>

namespace buntdb::engine {

class core;
class write_state;

/// What users cannot do: make a database of an engine with another file system or without its
/// background thread (the tests' way in), and a transaction of the engine's own.
struct database_access {
  static database make(std::unique_ptr<core> core);
  static transaction transaction_of(write_state& state) noexcept { return transaction(state); }
  static bool is_active(const transaction& tx) noexcept { return tx.state_ != nullptr; }
};

}  // namespace buntdb::engine
