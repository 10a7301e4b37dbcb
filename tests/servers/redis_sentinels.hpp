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
/// When the constructor returns, the sentinels know each other, and the replica replicates. Used by
/// one thread.
class redis_sentinels {
 public:
  /// How long a master must be silent before it is considered down.
  explicit redis_sentinels(std::chrono::milliseconds down_after, std::optional<tls_files> tls = {},
                           std::vector<std::string> server_arguments = {});

  static constexpr std::size_t count = 3;
  /// The master's name in the sentinels' configuration.
  static constexpr const char* name = "shop";

  /// Server 0 begins as the master, and server 1 as its replica.
  redis_server& server(std::size_t index) const { return *servers_[index]; }
  std::size_t size() const noexcept { return servers_.size(); }

  /// `127.0.0.1:PORT` of each sentinel.
  std::vector<std::string> addresses() const;
  int sentinel_port(std::size_t index) const { return sentinels_[index].port; }

  /// Returns the server that a sentinel names as the master, or nothing if it names another one.
  std::optional<std::size_t> master_seen_by(std::size_t index) const;
  /// Returns the server that all sentinels name as the master. Waits until they agree. Throws
  /// std::runtime_error if they do not.
  std::size_t master() const;
  /// Waits until all sentinels name the same master, and it has a replica with all its data.
  /// Returns false if the limit passes first.
  bool whole(std::chrono::milliseconds limit = std::chrono::seconds{30}) const;

  /// Returns a sentinel's answer in the form of redis_server::command().
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
