#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores that can detect that their server is set up in a way that
/// puts sessions at risk, though no call fails. The manager reports it as
/// event_kind::store_warning.
///
/// Thread safety: any number of threads may call it at the same time.
class store_reports {
 public:
  /// Gets a sentence that a person can act on. It never contains an id or a password. Called on any
  /// thread, without a lock of the store. Exceptions that it throws are dropped.
  using listener = std::function<void(const std::string& warning)>;

  virtual ~store_reports() = default;

  /// Replaces the listener. The new listener also gets the warnings that came before it. Null:
  /// there is none. When this function returns, the previous listener is not called any more.
  /// `idle_timeout` is the shortest idle timeout of the sessions. Zero: there is none.
  virtual void on_warning(listener call, std::chrono::nanoseconds idle_timeout) = 0;
};

/// Helps stores to implement store_reports: keeps the listener and compares clocks.
///
/// Thread safety: any number of threads may call any function at the same time.
class server_watch {
 public:
  server_watch();
  ~server_watch();
  server_watch(const server_watch&) = delete;
  server_watch& operator=(const server_watch&) = delete;

  /// See store_reports::on_warning().
  void listen(store_reports::listener call, std::chrono::nanoseconds idle_timeout);

  /// Calls the listener with the warning. Without a listener, keeps the warning for the next one.
  /// The same text is reported at most once a minute.
  void warn(const std::string& warning) noexcept;

  /// Warns if the server's clock differs from this machine's by more than a second. `skew` is how
  /// far the server's clock is ahead. `server` names the server, as in "redis host:6379". Throws
  /// scs::error (store_failed) if the difference is more than `max_skew`. Without `max_skew`, the
  /// limit is a quarter of the idle timeout, but at least five seconds; it is a minute if there is
  /// no idle timeout. If `max_skew` is zero, no difference is refused.
  void compare_clocks(const std::string& server, std::chrono::nanoseconds skew,
                      const std::optional<std::chrono::milliseconds>& max_skew);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace scs
