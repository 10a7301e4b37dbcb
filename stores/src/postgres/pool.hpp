#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scs/store/store_reports.hpp>

#include "postgres/connection.hpp"
#include "postgres/connection_plan.hpp"
#include "postgres/database_clock.hpp"

namespace scs::stores::postgres_detail {

/// Whether a statement may use a connection that was opened earlier.
enum class freshness { any, fresh };

/// A bounded number of connections, which are opened when needed and then kept. When none can be
/// opened, the next attempt follows after a pause, which grows with each failure. During the pause,
/// a call that needs a new connection fails immediately. A database whose clock differs too much
/// from this machine's counts as unreachable. Of several hosts, the one that answered last is tried
/// first. Any number of threads may call any function.
class pool {
 public:
  /// The clock learns the database's time. The clock and the watch must outlive the pool.
  pool(const postgres_options& options, database_clock& time, server_watch& watch);

  /// A connection for one thread. The destructor gives it back.
  class lease {
   public:
    enum class age { fresh, used };

    lease(pool& owner, std::unique_ptr<connection> held, age how_old,
          std::uint64_t generation) noexcept
        : owner_(owner), held_(std::move(held)), age_(how_old), generation_(generation) {}
    ~lease() { owner_.give_back(std::move(held_), generation_); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;

    connection& operator*() noexcept { return *held_; }
    bool is_fresh() const noexcept { return age_ == age::fresh; }
    /// Closes the connection, so that no other thread gets it.
    void discard() noexcept { held_.reset(); }

   private:
    pool& owner_;
    std::unique_ptr<connection> held_;
    const age age_;
    const std::uint64_t generation_;
  };

  /// Throws failure: `late` if all connections stay busy until the deadline.
  lease take(deadline until, freshness wanted = freshness::any);

  /// Call it after a statement that was not answered. Closes the idle connections now, and the
  /// others after their use. They may be dead as well, or lead to a server that is not the primary
  /// any more.
  void distrust();

 private:
  using clock = std::chrono::steady_clock;

  /// A connection that no thread uses.
  struct idle_connection {
    std::unique_ptr<connection> held;
    std::thread::id last_user;
  };

  using held_connection = std::unique_ptr<connection>;

  held_connection take_idle(std::unique_lock<std::mutex>& lock, deadline until);
  bool is_good(connection& candidate, deadline until);
  held_connection open(std::unique_lock<std::mutex>& lock, deadline until);
  held_connection connect(deadline until);
  held_connection connect_to(std::size_t host, deadline until);
  void check(connection& with, deadline until);
  void wait(std::unique_lock<std::mutex>& lock, deadline until);
  void give_back(held_connection held, std::uint64_t generation) noexcept;
  held_connection take_one_too_many() noexcept;
  void count_failure(const std::string& text);

  const connection_plan plan_;
  database_clock& time_;
  server_watch& watch_;
  const std::optional<std::chrono::milliseconds> max_clock_skew_;
  const std::chrono::milliseconds timeout_;
  const statement_mode mode_;
  const std::size_t connections_max_;

  std::atomic<std::size_t> good_host_ = 0;
  std::atomic<bool> refuses_startup_options_ = false;

  std::mutex mutex_;  // guards the other members
  std::condition_variable changed_;
  std::vector<idle_connection> idle_;  // the one that was used last is at the end
  std::uint64_t generation_ = 0;       // of all idle connections
  std::size_t open_ = 0;               // idle, in use or being opened
  int failures_ = 0;                   // consecutive failures to open one
  clock::time_point next_try_{};
  std::string last_failure_;
};

}  // namespace scs::stores::postgres_detail
