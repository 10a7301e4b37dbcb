#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conversation.hpp"
#include "resp/request_parser.hpp"
#include "socket/stream.hpp"

namespace buntdb::control {

/// The memory that the requests of all clients may take together. Thread-safe.
class memory_budget {
 public:
  explicit memory_budget(std::size_t bytes) noexcept : left_(bytes) {}

  bool take(std::size_t bytes) noexcept;
  void give_back(std::size_t bytes) noexcept { left_.fetch_add(bytes); }

 private:
  std::atomic<std::size_t> left_;
};

/// What clients share. Immutable except for the budget. Must outlive the clients.
struct client_environment {
  const command_table& commands;
  memory_budget& budget;
  std::size_t max_request_bytes;
  std::chrono::milliseconds idle_timeout;
  std::chrono::milliseconds send_timeout;
};

/// A connected client, and the thread that serves it.
///
///   1. While the state is `waiting`, its thread only receives a request.
///   2. evict() succeeds in that state only; the thread then ends without running a command.
///   3. When the thread has nothing left to do, `finished` has been called once, and is_finished()
///      returns true.
class client {
 public:
  using clock = std::chrono::steady_clock;

  /// Starts the thread. Throws std::system_error.
  client(descriptor socket, const client_environment& environment, std::function<void()> finished);
  /// Waits for the thread.
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Returns since when it has waited for a complete request; nothing while it runs one.
  std::optional<clock::time_point> waits_since() const;
  /// Ends the connection if the client waits for a request. Returns false if it runs one.
  bool evict();
  /// Ends the connection. A command that is under way runs to its end.
  void stop();
  bool is_finished() const noexcept { return finished_.load(); }

 private:
  class reply;
  enum class state { waiting, running, stopped };

  void serve();
  void serve_requests();
  std::optional<std::vector<std::string>> receive();
  void charge();
  void discharge() noexcept;
  bool begin_running();
  bool begin_waiting();
  bool is_stopped() const;

  const client_environment& environment_;
  stream stream_;
  request_parser parser_;
  conversation conversation_;
  std::string_view input_;  // received but not parsed
  std::size_t charged_bytes_ = 0;

  mutable std::mutex mutex_;
  state state_ = state::waiting;
  clock::time_point waits_since_ = clock::now();

  std::function<void()> on_finished_;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace buntdb::control
