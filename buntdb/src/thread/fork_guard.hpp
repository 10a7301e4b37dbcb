#pragma once

namespace buntdb::engine {

/// Notices that the process is a fork of the one that made the guard, at the price of one load.
class fork_guard {
 public:
  fork_guard() noexcept;
  bool forked() const noexcept;

 private:
  unsigned generation_;
};

}  // namespace buntdb::engine
