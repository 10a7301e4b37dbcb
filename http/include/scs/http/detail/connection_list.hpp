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

// The open connections of a listener, and their time limits. A timer for each connection would be
// set twice a request, at a tenth of what a small response costs. So time is counted in ticks, by
// one timer, and setting a limit stores one number.

namespace scs::http::detail {

/// Time in ticks. Any thread may ask; one lets it advance.
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
  /// The first tick that begins when this time has passed.
  tick after(std::chrono::milliseconds time) const noexcept {
    return now() + time / length_ + (time % length_ > time.zero() ? 2 : 1);
  }
  void advance() noexcept { now_.fetch_add(1, std::memory_order_relaxed); }

 private:
  const std::chrono::milliseconds length_;
  std::atomic<tick> now_ = 0;
};

/// What a listener can do to each of its connections. late() may be asked on any thread; the other
/// functions are called on the connection's executor.
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
  /// Its time limit has passed.
  virtual void expire() = 0;
  /// The listener stops: closes the connection if no request is under way.
  virtual void stop() = 0;

 protected:
  void set_limit(tick_clock::tick when) noexcept { limit_.store(when, std::memory_order_relaxed); }

 private:
  std::atomic<tick_clock::tick> limit_ = tick_clock::never;
};

/// All open connections. Any thread may call.
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

  /// Those for which the function is true.
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

/// What a listener's connections share. It outlives them.
struct listener_state {
  explicit listener_state(listener_options chosen) : options(std::move(chosen)), clock(options) {}

  const listener_options options;
  tick_clock clock;
  connection_list connections;
  /// Responses say `Connection: close` from now on.
  std::atomic<bool> stopping = false;
  /// Connections without a request are closed from now on.
  std::atomic<bool> closing_idle = false;
  /// Where the store may block; set while the listener runs.
  boost::asio::any_io_executor store{};
  /// Called after a connection was removed.
  std::function<void()> on_removed{};
};

}  // namespace scs::http::detail
