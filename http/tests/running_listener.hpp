#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/beast_listener.hpp>

#include "raw_http.hpp"

namespace scs::http::tests {

/// Lets threads wait until it is opened. Any thread may call any function.
class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Returns false if it is still closed after ten seconds.
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// A listener on a free port that runs on a separate thread until it is destroyed.
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
  /// Returns whether run() returns within this time. Throws what run() threw.
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

/// Returns how often a text contains this part.
inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// A listener without sessions that answers "METHOD TARGET SIZE-OF-BODY" and remembers targets.
class beast_listener : public testing::Test {
 protected:
  void start(listener_options options = {}) {
    server_ = std::make_unique<running<listener>>(std::move(options), [this](listener& on) {
      on.run([this](const beast_request& request) { return echo(request); });
    });
  }
  template <class Handler>
  void start_with(Handler handler, listener_options options = {}) {
    server_ = std::make_unique<running<listener>>(std::move(options),
                                                  [handler](listener& on) { on.run(handler); });
  }

  beast_response echo(const beast_request& request) {
    const std::lock_guard lock(mutex_);
    targets_.emplace_back(request.target());
    beast_response answer{boost::beast::http::status::ok, 11};
    answer.body() = std::string(request.method_string()) + " " + std::string(request.target()) +
                    " " + std::to_string(request.body().size());
    return answer;
  }

  /// Returns everything that the server answers to these bytes until it closes the connection.
  std::string answers_to(const std::string& bytes) {
    http_connection client(server_->port());
    client.send(bytes);
    client.finish_sending();
    return client.receive_rest();
  }
  std::vector<std::string> targets() {
    const std::lock_guard lock(mutex_);
    return std::exchange(targets_, {});
  }

  std::mutex mutex_;
  std::vector<std::string> targets_;
  std::unique_ptr<running<listener>> server_;
};

}  // namespace scs::http::tests
