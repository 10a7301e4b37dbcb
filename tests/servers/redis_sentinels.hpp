#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process.hpp"
#include "redis_server.hpp"
#include "temporary_folder.hpp"

namespace test {

/// A Redis with a replica, and three sentinels, two of which must agree that the master is down.
/// They know each other, and the replica follows, when the constructor returns. Used by one thread.
class redis_sentinels {
 public:
  /// How long a master must be silent before it is considered down.
  explicit redis_sentinels(std::chrono::milliseconds down_after, std::optional<tls_files> tls = {},
                           std::vector<std::string> server_arguments = {});

  static constexpr std::size_t count = 3;
  /// By which the sentinels know the master.
  static constexpr const char* name = "shop";

  /// 0 begins as the master, 1 as its replica.
  redis_server& server(std::size_t index) const { return *servers_[index]; }
  std::size_t size() const noexcept { return servers_.size(); }

  /// `127.0.0.1:PORT` of each sentinel.
  std::vector<std::string> addresses() const;
  int sentinel_port(std::size_t index) const { return sentinels_[index].port; }

  /// The server that a sentinel names as the master; none if it names no server of these.
  std::optional<std::size_t> master_seen_by(std::size_t index) const;
  /// That all sentinels name, waiting until they agree. Throws std::runtime_error if they do not.
  std::size_t master() const;
  /// Waits until a replica that has everything follows the master that all sentinels name. False
  /// when the limit passed first.
  bool whole(std::chrono::milliseconds limit = std::chrono::seconds{30}) const;

  /// What a sentinel answers, as redis_server::command() does.
  std::string ask(std::size_t index, const std::vector<std::string>& words) const;
  void freeze_sentinel(std::size_t index);
  void thaw_sentinel(std::size_t index);
  void kill_sentinel(std::size_t index);
  void start_sentinel(std::size_t index);

 private:
  struct sentinel {
    int port = 0;
    std::string socket{};
    std::string configuration{};
    std::unique_ptr<process> running{};
  };

  void write_configurations(std::chrono::milliseconds down_after);

  buntstore::testing::temporary_folder folder_;
  const std::optional<tls_files> tls_;
  std::vector<std::unique_ptr<redis_server>> servers_;
  std::vector<sentinel> sentinels_;
};

}  // namespace test
