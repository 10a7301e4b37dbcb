#pragma once

namespace buntdb::platform {

/// Detects whether this process is a fork of the one that made the guard. Costs one load.
class fork_guard {
 public:
  fork_guard() noexcept;
  bool forked() const noexcept;

 private:
  unsigned generation_;
};

}  // namespace buntdb::platform
