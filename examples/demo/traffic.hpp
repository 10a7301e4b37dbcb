#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include <scs/session_manager.hpp>

/// Visitors that are not there, so that the operator's charts have something to show:
/// they begin sessions, come back a few times, and leave. Any thread.
class traffic {
 public:
  static constexpr std::chrono::seconds duration{20};

  /// The manager outlives it.
  explicit traffic(scs::session_manager& sessions) : sessions_(sessions) {}
  ~traffic() = default;
  traffic(const traffic&) = delete;
  traffic& operator=(const traffic&) = delete;

  /// Lets them come for a while; false if they are there already.
  bool start();

 private:
  void run(const std::stop_token& stop);
  void visit_a_few_times();

  scs::session_manager& sessions_;
  std::atomic<bool> running_ = false;
  std::jthread thread_;
};
