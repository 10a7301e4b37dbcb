#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/connection/socket.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// One connection, logged in: requests out, replies in, in this order. After an exception it is of
/// no use any more, since a reply may still come that somebody else would take for his own. Used by
/// one thread at a time.
class connection {
 public:
  /// Connects, logs in, selects the database, compares the clocks, and refuses a single server that
  /// is no master. Throws connection_failure (effect::none), and scs::error if the server refuses
  /// us or we refuse it.
  connection(const address& server, const redis_options& options, deadline until);

  /// Sends commands and reads a reply to each. Throws connection_failure.
  void exchange(std::string_view commands, std::span<reply> replies, deadline until);

  /// Whether it can still be used: made by this process, open, and without leftovers.
  bool usable() const noexcept;

 private:
  struct free_reader {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };

  void greet(const redis_options& options, deadline until);
  void require_master(const redisReply& role) const;
  void compare_clocks(const redisReply& their_time, std::chrono::milliseconds max_skew) const;
  reply receive(deadline until);

  std::string name_;
  pid_t owner_;
  socket socket_;
  std::unique_ptr<redisReader, free_reader> reader_;
  std::vector<char> buffer_;
};

}  // namespace scs::stores::redis_detail
