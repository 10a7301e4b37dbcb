#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/connection/stream.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// One connection after the login. It sends requests and receives their replies in the same order.
/// After an exception it must not be used any more, because a reply may still arrive that another
/// request would mistake for its own. Used by one thread at a time, except usable(), which any
/// number of threads may call while no other function runs.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// Connects, logs in, selects the database, compares the clocks, and refuses a server that must
  /// be a master and is not one. Throws connection_failure (effect::none), and scs::error if either
  /// side refuses the other. The settings must outlive it.
  connection(const address& server, const settings& with, deadline until);

  /// Whether its other end should be checked before it is used: it has been silent for a while, or
  /// the last check was minutes ago.
  bool needs_check(clock::time_point now) const noexcept;
  /// Asks for the role and the clock again. Throws like the constructor.
  void check(deadline until);
  /// When a reply was last received.
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
  void ask_state(std::string commands, std::size_t count, deadline until);
  void require_master(const redisReply& role) const;
  void compare_clocks(const redisReply& their_time, std::chrono::nanoseconds ours) const;
  reply receive(deadline until);

  const settings& settings_;
  std::string name_;
  pid_t owner_;
  clock::time_point last_use_{};
  clock::time_point last_check_{};
  std::unique_ptr<stream> stream_;
  std::unique_ptr<redisReader, free_reader> reader_;
  std::vector<char> buffer_;
};

}  // namespace scs::stores::redis_detail
