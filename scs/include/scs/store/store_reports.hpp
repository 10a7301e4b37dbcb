#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if it can find its server set up in a way that puts sessions at
/// risk, though no call fails: its manager reports it as event_kind::store_warning.
///
/// Thread safety: from any number of threads at once.
class store_reports {
 public:
  /// Of a sentence that a person can act on; never with an id or a password. Called from any
  /// thread, without a lock of the store's; what it throws is dropped.
  using listener = std::function<void(const std::string& warning)>;

  virtual ~store_reports() = default;

  /// Replaces the listener, which gets the warnings that came before, too; null: none. When this
  /// returns, the one before is not called any more. `idle_timeout` is the shortest one of the
  /// sessions; zero: none.
  virtual void on_warning(listener call, std::chrono::nanoseconds idle_timeout) = 0;
};

/// For stores that implement it: keeps the listener, and compares clocks. Any number of threads.
class server_watch {
 public:
  server_watch();
  ~server_watch();
  server_watch(const server_watch&) = delete;
  server_watch& operator=(const server_watch&) = delete;

  /// As store_reports::on_warning().
  void listen(store_reports::listener call, std::chrono::nanoseconds idle_timeout);

  /// Tells the listener; without one, keeps the warning for the next. Each text once a minute.
  void warn(const std::string& warning) noexcept;

  /// `skew` is by how much the clock of the server, which is named as in "redis host:6379", is
  /// ahead of this machine's. More than a second is a warning. More than `max_skew` is refused:
  /// throws scs::error (store_failed). Without a limit that is a quarter of the idle timeout, at
  /// least five seconds, or a minute if there is no idle timeout; zero: nothing is refused.
  void compare_clocks(const std::string& server, std::chrono::nanoseconds skew,
                      const std::optional<std::chrono::milliseconds>& max_skew);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace scs
