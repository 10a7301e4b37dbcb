#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <scs/store/store_reports.hpp>

#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/connection/socket.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// One connection, logged in: requests out, replies in, in this order. After an exception it is of
/// no use any more, since a reply may still come that another request would
/// mistake for its own. Used by one thread at a time.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// Connects, logs in, selects the database, compares the clocks, and refuses a single server that
  /// is no master. Throws connection_failure (effect::none), and scs::error if the server refuses
  /// us or we refuse it. The options and the watch must outlive it.
  connection(const address& server, const redis_options& options, server_watch& watch,
             deadline until);

  /// Whether its other end should be looked at before it is used: it has been silent for a while,
  /// or the last look is minutes ago.
  bool needs_check(clock::time_point now) const noexcept;
  /// Looks at the role and the clock once more. Throws like the constructor.
  void check(deadline until);
  /// When it was used last.
  clock::time_point last_use() const noexcept { return last_use_; }

  /// Sends commands and reads a reply to each. Throws connection_failure.
  void exchange(std::string_view commands, std::span<reply> replies, deadline until);

  /// Whether it can still be used: made by this process, open, and without leftovers.
  bool usable() const noexcept;

 private:
  struct free_reader {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };

  void greet(deadline until);
  void look(std::string commands, std::size_t count, deadline until);
  void require_master(const redisReply& role) const;
  void compare_clocks(const redisReply& their_time, std::chrono::nanoseconds ours) const;
  reply receive(deadline until);

  const redis_options& options_;
  server_watch& watch_;
  std::string name_;
  pid_t owner_;
  clock::time_point last_use_{};
  clock::time_point last_check_{};
  socket socket_;
  std::unique_ptr<redisReader, free_reader> reader_;
  std::vector<char> buffer_;
};

}  // namespace scs::stores::redis_detail
