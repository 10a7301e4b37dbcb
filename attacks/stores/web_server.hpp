#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <scs/session_manager.hpp>

#include "stores/machine_clock.hpp"

namespace buntdb::attacks::stores {

/// One process of the application on its own machine, reduced to what sessions need: a manager with
/// its own store, and the machine's clock. Callers of the manager must hold a machine_clock::scope.
class web_server {
 public:
  std::unique_ptr<machine_clock> clock = std::make_unique<machine_clock>();

  /// Returns the manager of the process that accepts requests now. A request keeps it until it
  /// ends.
  std::shared_ptr<scs::session_manager> sessions() const {
    const std::lock_guard lock(*mutex_);
    return sessions_;
  }

  /// From now on, another process accepts the requests. Returns the manager of the previous one.
  std::shared_ptr<scs::session_manager> replace(std::shared_ptr<scs::session_manager> by) {
    const std::lock_guard lock(*mutex_);
    return std::exchange(sessions_, std::move(by));
  }

 private:
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  std::shared_ptr<scs::session_manager> sessions_{};
};

}  // namespace buntdb::attacks::stores
