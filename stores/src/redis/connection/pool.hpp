#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "redis/connection/connection.hpp"
#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// Whether a request may go over a connection that was made before.
enum class freshness { any, fresh };

/// The connections to one server: at most max_connections, made when needed. Any number of threads
/// may use it.
class pool {
 public:
  /// The clock that measures for how long connections have been idle.
  using time_source = connection::clock::time_point (*)();

  /// The settings must outlive it. `advice` follows the reason when a connection cannot be made.
  pool(
      address server, const settings& with, std::string advice = {},
      time_source now = [] { return connection::clock::now(); });

  const address& server() const noexcept { return server_; }

  /// Sends commands over a connection that no other call uses meanwhile, and reads a reply to each.
  /// Throws connection_failure, and scs::error if the server refuses the connection. After an
  /// exchange that was not answered, no connection is used that was made before. The exception is a
  /// call that had less than a quarter of a call's timeout, because its failure is not a sign that
  /// other connections are dead.
  void exchange(std::string_view commands, std::span<reply> replies, deadline until,
                freshness wanted = freshness::any);

  /// After a sign that the server has changed since the connections were made: closes those that
  /// are idle now, and the others after their use.
  void distrust();

 private:
  class lease;

  /// Connections that were made between the same two signs of a change are of one generation.
  using generation = std::uint64_t;

  using held_connection = std::unique_ptr<connection>;

  held_connection take(deadline until, freshness wanted, generation& made_in);
  held_connection take_idle_or_place(deadline until, freshness wanted, generation& made_in);
  bool is_good(connection& candidate, deadline until);
  bool had_little_time(deadline until, std::chrono::milliseconds given) const noexcept;
  std::unique_ptr<connection> connect(deadline until);
  void note_connected();
  void note_failure(const std::string& reason);
  void put_back(std::unique_ptr<connection> returned, generation made_in) noexcept;
  void start_over_after_fork();
  std::chrono::milliseconds next_pause();
  held_connection take_one_too_many() noexcept;

  const address server_;
  const settings& settings_;
  const redis_options& options_;
  const std::string advice_;
  const time_source now_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable returned_;
  pid_t owner_;
  std::vector<std::unique_ptr<connection>> idle_;  // the most recently used one is the last
  generation generation_ = 0;                      // of all idle ones
  std::size_t open_ = 0;                           // idle, in use, or being made
  /// The store does not try to connect before this time.
  std::chrono::steady_clock::time_point next_try_{};
  std::chrono::milliseconds pause_{0};
  std::string last_reason_;
};

}  // namespace scs::stores::redis_detail
