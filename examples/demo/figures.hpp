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

/// How the server has done during one second.
struct figures {
  /// Counts up from 1.
  std::uint64_t number = 0;
  std::uint64_t sessions = 0;
  /// Records that were erased or expired in this second: sessions, tombstones of
  /// renewals and watermarks. Without what the subscription missed.
  std::uint64_t ended = 0;
  std::uint64_t finds = 0;
  std::uint64_t saves = 0;
  /// Of one call, on average; 0 if there was none.
  std::chrono::nanoseconds find_time{0};
  std::chrono::nanoseconds save_time{0};
  std::uint64_t file_bytes = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t reserved_bytes = 0;
  std::uint64_t compactions = 0;
  /// Since the last compaction; negative if there was none since the start.
  std::chrono::seconds since_compaction{-1};
};

/// The same as one line of JSON.
std::string to_json(const figures& second);

/// One manager and what counts its doings.
struct watched_manager {
  scs::session_manager* sessions;
  const scs::metrics* counts;
};

/// Takes the figures every second, and keeps those of the last two minutes. What it
/// watches outlives it. Any thread.
class figure_recorder {
 public:
  static constexpr std::size_t kept = 120;

  figure_recorder(buntdb::database& database, std::vector<watched_manager> managers);
  ~figure_recorder();
  figure_recorder(const figure_recorder&) = delete;
  figure_recorder& operator=(const figure_recorder&) = delete;

  /// Starts its thread: once, and from a thread that has the signals blocked that
  /// stop the server.
  void start();

  /// What is newer than the figures with this number; waits for it, but not for
  /// longer than the limit.
  std::vector<figures> after(std::uint64_t number, std::chrono::milliseconds limit);

  /// The last ones.
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

  // Of the recorder's thread only.
  buntdb::subscription changes_;
  totals finds_before_;
  totals saves_before_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<figures> seconds_;  // by mutex_

  std::jthread thread_;
};
