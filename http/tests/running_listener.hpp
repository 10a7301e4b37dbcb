#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <scs/http/beast_listener.hpp>

namespace scs::http::tests {

/// Lets threads wait until it is opened. Any thread may call.
class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// False if it is still closed after ten seconds.
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// A listener on a free port that runs on a thread of its own until it goes.
template <class Listener>
class running {
 public:
  template <class... Transport>
  running(listener_options options, std::function<void(Listener&)> run, Transport... transport)
      : listener_(for_tests(std::move(options)), Transport(transport)...),
        ended_(std::async(std::launch::async, [this, run = std::move(run)] { run(listener_); })) {}
  ~running() { listener_.stop(); }

  Listener* operator->() { return &listener_; }
  int port() const { return listener_.port(); }
  /// Whether run() returns within this time; throws what it threw.
  bool ends(std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    if (ended_.wait_for(limit) != std::future_status::ready) return false;
    ended_.get();
    return true;
  }

 private:
  static listener_options for_tests(listener_options options) {
    options.on_signal = listener_options::signals::leave;
    return options;
  }

  Listener listener_;
  std::future<void> ended_;
};

}  // namespace scs::http::tests
