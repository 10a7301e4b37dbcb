#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include <scs/error.hpp>

namespace scs::detail {

/// Counts the commits of a manager that wait for its store: session_options::max_waiting_commits.
///
/// Thread safety: any number of threads may call any function at the same time.
class commit_queue {
 public:
  /// Zero: there is no limit, and nothing is counted.
  explicit commit_queue(std::size_t limit) noexcept : limit_(limit) {}

  /// For a commit that has not begun. Throws scs::error (store_busy) beyond the limit.
  void enter() {
    if (limit_ == 0 || waiting_.fetch_add(1) < limit_) return;
    waiting_.fetch_sub(1);
    throw error(errc::store_busy,
                std::to_string(limit_) +
                    " commits wait for the session store, as many as max_waiting_commits allows: "
                    "this one was not begun, and has changed nothing");
  }
  /// For a commit that must not be refused, because a part of it has been stored.
  void enter_beyond_limit() noexcept {
    if (limit_ != 0) waiting_.fetch_add(1);
  }
  void leave() noexcept {
    if (limit_ != 0) waiting_.fetch_sub(1);
  }
  bool is_full() const noexcept {
    return limit_ != 0 && waiting_.load(std::memory_order_relaxed) >= limit_;
  }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace scs::detail
