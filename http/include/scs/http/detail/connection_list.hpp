#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <scs/http/listener_options.hpp>

// The open connections of a listener and their time limits. With one timer for each connection, the
// timer would be set twice for each request, which takes a tenth of the time of a small response.
// So time is counted in ticks by a single timer, and setting a limit stores one number.

namespace scs::http::detail {

/// Time in ticks. Any thread may read it. One thread advances it.
class tick_clock {
 public:
  using tick = std::int64_t;
  static constexpr tick never = std::numeric_limits<tick>::max();

  explicit tick_clock(const listener_options& options)
      : length_(std::clamp<std::chrono::milliseconds>(
            std::min({options.header_timeout, options.body_timeout, options.keep_alive_timeout,
                      options.write_timeout, options.linger_timeout}) /
                4,
            std::chrono::milliseconds{5}, std::chrono::milliseconds{250})) {}

  std::chrono::milliseconds length() const noexcept { return length_; }
  tick now() const noexcept { return now_.load(std::memory_order_relaxed); }
  /// Returns the first tick that begins after this time has passed.
  tick after(std::chrono::milliseconds time) const noexcept {
    return now() + time / length_ + (time % length_ > time.zero() ? 2 : 1);
  }
  void advance() noexcept { now_.fetch_add(1, std::memory_order_relaxed); }

 private:
  const std::chrono::milliseconds length_;
  std::atomic<tick> now_ = 0;
};

/// The operations of a listener on each of its connections. late() may be called on any thread. The
/// other functions are called on the connection's executor.
class connection_control : public std::enable_shared_from_this<connection_control> {
 public:
  connection_control() = default;
  connection_control(const connection_control&) = delete;
  connection_control& operator=(const connection_control&) = delete;
  virtual ~connection_control() = default;

  virtual boost::asio::any_io_executor get_executor() = 0;
  bool late(tick_clock::tick now) const noexcept {
    return now >= limit_.load(std::memory_order_relaxed);
  }
  /// Called when the time limit has passed.
  virtual void expire() = 0;
  /// Called when the listener stops: closes the connection if it is not serving a request.
  virtual void stop() = 0;

 protected:
  void set_limit(tick_clock::tick when) noexcept { limit_.store(when, std::memory_order_relaxed); }

 private:
  std::atomic<tick_clock::tick> limit_ = tick_clock::never;
};

/// All open connections. Any thread may call any function.
class connection_list {
 public:
  void add(connection_control* connection) {
    const std::lock_guard lock(mutex_);
    all_.insert(connection);
    count_ = all_.size();
  }
  void remove(connection_control* connection) noexcept {
    const std::lock_guard lock(mutex_);
    all_.erase(connection);
    count_ = all_.size();
  }
  std::size_t size() const noexcept { return count_; }

  /// Returns the connections for which the function returns true.
  template <class Function>
  std::vector<std::shared_ptr<connection_control>> select(Function wanted) const {
    std::vector<std::shared_ptr<connection_control>> selected;
    const std::lock_guard lock(mutex_);
    for (connection_control* connection : all_) {
      if (!wanted(*connection)) continue;
      if (auto alive = connection->weak_from_this().lock()) selected.push_back(std::move(alive));
    }
    return selected;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_set<connection_control*> all_;
  std::atomic<std::size_t> count_ = 0;
};

/// The state that a listener's connections share. It outlives them.
struct listener_state {
  explicit listener_state(listener_options chosen) : options(std::move(chosen)), clock(options) {}

  const listener_options options;
  tick_clock clock;
  connection_list connections;
  /// Whether responses contain `Connection: close` from now on.
  std::atomic<bool> stopping = false;
  /// Whether connections without a request are closed from now on.
  std::atomic<bool> closing_idle = false;
  /// The executor on which the store may block. It is set while the listener runs.
  boost::asio::any_io_executor store{};
  /// Called after a connection was removed.
  std::function<void()> on_removed{};
};

}  // namespace scs::http::detail
