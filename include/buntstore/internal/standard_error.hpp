#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace buntstore {

/// Keeps a write() from ending the program: while this object lives, SIGPIPE is blocked. The
/// destructor discards the signal if the write caused it.
class no_sigpipe {
 public:
  no_sigpipe() noexcept {
    sigset_t pending;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~no_sigpipe() {
    if (!was_pending_) {
#if defined(_POSIX_REALTIME_SIGNALS) && _POSIX_REALTIME_SIGNALS > 0
      const timespec at_once{};
      sigtimedwait(&pipe_, nullptr, &at_once);
#else
      sigset_t pending;
      sigpending(&pending);
      int signal = 0;
      if (sigismember(&pending, SIGPIPE) == 1) sigwait(&pipe_, &signal);
#endif
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_sigpipe(const no_sigpipe&) = delete;
  no_sigpipe& operator=(const no_sigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Writes the text and a line end to this file descriptor with one call. Writes nothing if the call
/// would block, as it does for a pipe that nobody reads. A long text is cut.
inline void write_line_at_once(int descriptor, std::string_view text) noexcept {
  constexpr std::size_t max_line = 4096;  // a pipe takes this much whole or not at all
  try {
    std::string line(text.substr(0, max_line - 1));
    line += '\n';
    pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    const no_sigpipe guard;
    [[maybe_unused]] const auto written = ::write(descriptor, line.data(), line.size());
  } catch (...) {  // no memory: the line is dropped
  }
}

}  // namespace buntstore
