#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include <buntdb/database.hpp>

namespace buntdb::control {

/// Calls the function with a transaction and commits it, as database::update() does, but waits no
/// longer than `timeout` for another transaction. Returns false if the wait was in vain.
template <class Function>
bool update_within(database& db, std::chrono::milliseconds timeout, Function&& function) {
  std::optional<transaction> tx = db.try_begin_for(timeout);
  if (!tx) return false;
  std::forward<Function>(function)(*tx);
  tx->commit();
  return true;
}

inline constexpr const char* busy_message = "another transaction kept writing; nothing was changed";

}  // namespace buntdb::control
