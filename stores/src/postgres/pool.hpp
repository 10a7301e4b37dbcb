#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "postgres/connection.hpp"

namespace scs::stores::postgres_detail {

/// A bounded number of connections, opened when needed and kept. When none can be opened, the next
/// try is not due before a pause, which grows from failure to failure; until then whoever would
/// need a new connection is told so at once.
/// Used from any thread.
class pool {
 public:
  pool(std::string conninfo, statement_mode mode, std::size_t max_connections);

  /// A connection for one thread; goes back at the end of its scope.
  class lease {
   public:
    enum class age { fresh, used };

    lease(pool& owner, std::unique_ptr<connection> held, age how_old) noexcept
        : owner_(owner), held_(std::move(held)), age_(how_old) {}
    ~lease() { owner_.give_back(std::move(held_)); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;

    connection& operator*() noexcept { return *held_; }
    bool is_fresh() const noexcept { return age_ == age::fresh; }
    /// Closes it: nobody gets it any more.
    void discard() noexcept { held_.reset(); }

   private:
    pool& owner_;
    std::unique_ptr<connection> held_;
    const age age_;
  };

  /// Throws failure: `late` if all connections stay busy until the deadline.
  lease take(deadline until);

 private:
  using clock = std::chrono::steady_clock;

  /// A connection that nobody uses.
  struct idle_connection {
    std::unique_ptr<connection> held;
    std::thread::id last_user;
  };

  std::unique_ptr<connection> take_idle(std::unique_lock<std::mutex>& lock);
  std::unique_ptr<connection> open(std::unique_lock<std::mutex>& lock, deadline until);
  void wait(std::unique_lock<std::mutex>& lock, deadline until);
  void give_back(std::unique_ptr<connection> held) noexcept;
  void count_failure(const std::string& text);

  const std::string conninfo_;
  const statement_mode mode_;
  const std::size_t connections_max_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::vector<idle_connection> idle_;  // the one that was used last is at the end
  std::size_t open_ = 0;               // idle, in use or being opened
  int failures_ = 0;                   // to open one, in a row
  clock::time_point next_try_{};
  std::string last_failure_;
};

}  // namespace scs::stores::postgres_detail
