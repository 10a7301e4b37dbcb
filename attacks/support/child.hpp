#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include <sys/types.h>

namespace buntdb::attacks {

/// A forked process that runs a function, reports numbers over a pipe, and may be killed at any
/// moment. The forking process must have only one thread.
class child {
 public:
  /// Thread-safe; returns when the number is in the pipe.
  using report = std::function<void(std::uint64_t number)>;
  /// Runs `body` in the child. The child exits with 0 when the function returns. When it throws,
  /// the child prints the exception and exits with 1.
  explicit child(const std::function<void(const report&)>& body);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  /// Kills the child if it has not ended.
  ~child();

  pid_t id() const noexcept { return id_; }

  /// Returns the next number. Waits no longer than `timeout`; returns nothing if none arrived or
  /// the child ended.
  std::optional<std::uint64_t> next(std::chrono::milliseconds timeout);

  /// Sends SIGKILL and returns when the process has ended. What it reported can still be read.
  void kill();

  /// Waits for its end and returns its status, as from waitpid().
  int wait();

 private:
  pid_t id_ = -1;
  int pipe_ = -1;
  std::optional<int> status_;
};

}  // namespace buntdb::attacks
