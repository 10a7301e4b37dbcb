#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include <sys/types.h>

namespace buntdb::attacks {

/// A forked process that runs a function, reports numbers over a pipe, and may be killed at any
/// moment. The forking process must have one thread only.
class child {
 public:
  /// Thread-safe; returns when the number is in the pipe.
  using report = std::function<void(std::uint64_t number)>;
  /// What the child does. It exits with 0 when the function returns, and with 1, having printed
  /// what was thrown, when it throws.
  explicit child(const std::function<void(const report&)>& body);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  /// Kills it, if it has not ended.
  ~child();

  pid_t id() const noexcept { return id_; }

  /// The next number, waiting no longer than that for it; empty if none came, or the child ended.
  std::optional<std::uint64_t> next(std::chrono::milliseconds timeout);

  /// SIGKILL; returns when the process is gone. What it reported is still there to be read.
  void kill();

  /// How it ended, as waitpid() says; waits for that.
  int wait();

 private:
  pid_t id_ = -1;
  int pipe_ = -1;
  std::optional<int> status_;
};

}  // namespace buntdb::attacks
