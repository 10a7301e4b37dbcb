#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <buntdb/database.hpp>
#include <scs/metrics.hpp>
#include <scs/session_manager.hpp>

/// What the server did during one second.
struct figures {
  /// Increases by one, starting with 1.
  std::uint64_t number = 0;
  std::uint64_t sessions = 0;
  /// Records that were erased or expired in this second: sessions, tombstones of
  /// renewals, and watermarks. It excludes changes that the subscription missed.
  std::uint64_t ended = 0;
  std::uint64_t finds = 0;
  std::uint64_t saves = 0;
  /// The average of one call. 0 if there was none.
  std::chrono::nanoseconds find_time{0};
  std::chrono::nanoseconds save_time{0};
  std::uint64_t file_bytes = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t reserved_bytes = 0;
  std::uint64_t compactions = 0;
  /// The time since the last compaction. Negative if there was none since the start.
  std::chrono::seconds since_compaction{-1};
};

/// Returns the figures as one line of JSON.
std::string to_json(const figures& second);

/// A manager and the metrics that count its events.
struct watched_manager {
  scs::session_manager* sessions;
  const scs::metrics* counts;
};

/// Collects the figures every second, and keeps those of the last two minutes. What
/// it watches must outlive it. Any thread may call any function.
class figure_recorder {
 public:
  static constexpr std::size_t kept = 120;

  figure_recorder(buntdb::database& database, std::vector<watched_manager> managers);
  ~figure_recorder();
  figure_recorder(const figure_recorder&) = delete;
  figure_recorder& operator=(const figure_recorder&) = delete;

  /// Starts its thread. Call it once, from a thread in which the signals that stop
  /// the server are blocked.
  void start();

  /// Returns the figures after this number. Waits for them, but no longer than the
  /// limit.
  std::vector<figures> after(std::uint64_t number, std::chrono::milliseconds limit);

  /// Returns the latest figures.
  figures latest();

 private:
  struct totals {
    std::uint64_t calls = 0;
    std::chrono::nanoseconds time{0};
  };

  void run(const std::stop_token& stop);
  figures take();
  std::uint64_t count_sessions() const;
  std::uint64_t count_ended();
  totals all_calls(std::initializer_list<scs::store_call> kinds) const;

  buntdb::database& database_;
  const std::vector<watched_manager> managers_;

  // For the recorder's thread only.
  buntdb::subscription changes_;
  totals finds_before_;
  totals saves_before_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<figures> seconds_;  // guarded by mutex_

  std::jthread thread_;
};
