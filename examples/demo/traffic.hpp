#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include <scs/session_manager.hpp>

/// Simulated visitors, so that the operator's charts have something to show: they
/// begin sessions, return a few times, and leave. Any thread may call any function.
class traffic {
 public:
  static constexpr std::chrono::seconds duration{20};

  /// The manager must outlive it.
  explicit traffic(scs::session_manager& sessions) : sessions_(sessions) {}
  ~traffic() = default;
  traffic(const traffic&) = delete;
  traffic& operator=(const traffic&) = delete;

  /// Starts the visitors for a while. Returns false if they are running already.
  bool start();

 private:
  void run(const std::stop_token& stop);
  void visit_a_few_times();

  scs::session_manager& sessions_;
  std::atomic<bool> running_ = false;
  std::jthread thread_;
};
