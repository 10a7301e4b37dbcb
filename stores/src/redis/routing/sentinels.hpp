#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "redis/connection/connection.hpp"
#include "redis/connection/pool.hpp"
#include "redis/connection/settings.hpp"

namespace scs::stores::redis_detail {

/// The sentinels' answers about the master. Any number of threads may use it.
///
/// More than half of them must answer. If their answers differ, that of the newest failover counts.
/// They are asked again when one of them announces a failover, when a connection to one is lost,
/// and every second of use.
class sentinels {
 public:
  /// The settings must outlive it; their servers are the sentinels.
  explicit sentinels(const settings& with);

  class view;

  /// Returns what is known. Asks the sentinels first if that may have changed. `doubted`, if not
  /// null, is a view whose master has failed: then it asks unless another thread has asked since.
  /// Throws connection_failure (effect::none) if too few sentinels answer, and scs::error if the
  /// master may not be used.
  view confirmed(deadline until, const view* doubted = nullptr);

 private:
  using clock = std::chrono::steady_clock;
  using subscription = std::shared_ptr<const connection>;
  class turn;

  struct sentinel {
    std::shared_ptr<pool> questions{};
    /// Subscribed to its announcements; null if there is no such connection.
    subscription announcements{};
    clock::time_point avoided_until{};
  };

  /// The answer of one sentinel.
  struct opinion {
    address master{};
    /// Greater after each failover.
    std::uint64_t epoch = 0;
  };

  view current() const;
  void ask(const view& seen, deadline until);
  std::vector<sentinel*> in_order();
  opinion opinion_of(sentinel& asked, deadline until);
  opinion parse(const sentinel& from, const redisReply& place, const redisReply& details) const;
  void listen_to(sentinel& heard, deadline until);
  void install(const opinion& newest);

  const settings& settings_;
  const settings sentinel_settings_;  // of connections to sentinels
  /// Used by the thread whose turn it is.
  std::vector<sentinel> all_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable asked_;
  bool asking_ = false;  // a thread asks the sentinels
  std::shared_ptr<pool> master_;
  std::uint64_t version_ = 0;
  std::uint64_t askings_ = 0;
  clock::time_point last_asked_{};
  std::vector<subscription> heard_;
};

/// The sentinels' answers at one moment.
class sentinels::view {
 public:
  /// Null before the first answer.
  const std::shared_ptr<pool>& master() const noexcept { return master_; }
  /// Another number after each failover.
  std::uint64_t version() const noexcept { return version_; }
  /// Whether no sentinel has announced anything since, and all connections to them are open.
  bool is_unchallenged() const noexcept;

 private:
  friend sentinels;
  std::shared_ptr<pool> master_;
  std::uint64_t version_ = 0;
  std::uint64_t askings_ = 0;
  clock::time_point asked_at_{};
  std::vector<subscription> heard_;
};

}  // namespace scs::stores::redis_detail
