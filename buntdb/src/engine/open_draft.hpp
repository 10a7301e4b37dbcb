#pragma once

#include <utility>

#include "engine/core.hpp"

namespace buntdb::engine {

/// A transaction for the engine's own use. Rolls back at the end of its scope unless it was
/// committed.
class open_draft {
 public:
  /// Waits for the writer's lock. Throws what core::begin() throws.
  explicit open_draft(core& core) : core_(core), writing_(&core.begin()) {}
  open_draft(const open_draft&) = delete;
  open_draft& operator=(const open_draft&) = delete;
  ~open_draft() {
    if (writing_ != nullptr) core_.rollback(*writing_);
  }

  write_state& operator*() const noexcept { return *writing_; }
  write_state* operator->() const noexcept { return writing_; }

  void commit() { core_.commit(*std::exchange(writing_, nullptr)); }
  void rollback() noexcept { core_.rollback(*std::exchange(writing_, nullptr)); }
  /// Call it if other code has ended the transaction.
  void forget() noexcept { writing_ = nullptr; }

 private:
  core& core_;
  write_state* writing_;
};

}  // namespace buntdb::engine
