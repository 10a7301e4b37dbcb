#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <dirent.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <trantor/net/InetAddress.h>

#include <scs/http/failure.hpp>

namespace scs::http::detail {

inline bool is_address(const sockaddr_storage& found, const trantor::InetAddress& wanted) {
  const sockaddr* address = wanted.getSockAddr();
  if (found.ss_family != address->sa_family) return false;
  if (found.ss_family == AF_INET) {
    sockaddr_in one{}, other{};
    std::memcpy(&one, &found, sizeof one);
    std::memcpy(&other, address, sizeof other);
    return one.sin_port == other.sin_port && one.sin_addr.s_addr == other.sin_addr.s_addr;
  }
  if (found.ss_family != AF_INET6) return false;
  sockaddr_in6 one{}, other{};
  std::memcpy(&one, &found, sizeof one);
  std::memcpy(&other, address, sizeof other);
  return one.sin6_port == other.sin6_port &&
         std::memcmp(&one.sin6_addr, &other.sin6_addr, sizeof one.sin6_addr) == 0;
}

inline bool connects(int socket, const trantor::InetAddress& local,
                     const trantor::InetAddress& peer) {
  sockaddr_storage here{}, there{};
  socklen_t here_size = sizeof here, there_size = sizeof there;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &there_size) == 0 &&
         ::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &here_size) == 0 &&
         is_address(there, peer) && is_address(here, local);
}

/// Calls the function with each open file's number until it returns true. Without /proc/self/fd
/// (only Linux has it), it calls it with each number that may be one, up to a million.
template <class Call>
void find_file(Call is_it) noexcept {
  if (DIR* const files = ::opendir("/proc/self/fd")) {
    bool found = false;
    while (const dirent* const file = found ? nullptr : ::readdir(files))
      found = file->d_name[0] != '.' && is_it(std::atoi(file->d_name));
    ::closedir(files);
    return;
  }
  rlimit limit{};
  constexpr rlim_t most = 1'000'000;
  const rlim_t end =
      ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, most) : most;
  for (rlim_t number = 0; number < end; ++number) {
    if (is_it(static_cast<int>(number))) return;
  }
}

/// Ends a connection with a reset, so that the client detects that a response is incomplete.
/// Without chunks, a regular end would mean that it is complete. Only on Linux, the reset is
/// possible.
inline void reset_connection(int socket) noexcept {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  if (::connect(socket, &nowhere, sizeof nowhere) != 0) ::shutdown(socket, SHUT_RDWR);
}

/// Ends the connection between these addresses in this way. Drogon 1.9.0 has no function for it.
/// Call it on the connection's thread, because no other thread closes the socket.
inline void cut_connection(const trantor::InetAddress& local,
                           const trantor::InetAddress& peer) noexcept {
  find_file([&](int socket) {
    if (!connects(socket, local, peer)) return false;
    reset_connection(socket);
    return true;
  });
}

/// The body of a stream_response(). Drogon copies it; the copies share one state, which is used on
/// the connection's thread only.
class drogon_stream {
 public:
  using source = std::function<std::optional<std::string>()>;

  explicit drogon_stream(source next) : state_(std::make_shared<state>()) {
    state_->next = std::move(next);
  }

  /// What the adapter knows after the commit. Both functions are optional.
  struct hooks {
    /// Whether the session was changed since.
    std::function<bool()> changed{};
    /// Reports a failure, and resets the connection.
    std::function<void(failure_kind, const std::exception_ptr&)> failed{};
  };
  void begin(hooks given) const { state_->on = std::move(given); }

  /// Writes the next bytes to the buffer and returns their number, 0 at the end. Drogon calls it
  /// with a null buffer to release everything.
  std::size_t operator()(char* buffer, std::size_t size) const noexcept {
    state& own = *state_;
    if (buffer == nullptr) {
      own.on = {};
      own.next = nullptr;
      return 0;
    }
    if (own.at == own.chunk.size() && !next_chunk(own)) return 0;
    const std::size_t count = std::min(size, own.chunk.size() - own.at);
    std::memcpy(buffer, own.chunk.data() + own.at, count);
    own.at += count;
    return count;
  }

 private:
  struct state {
    source next{};
    hooks on{};
    std::string chunk{};
    std::size_t at = 0;
  };

  /// Returns false at the end.
  static bool next_chunk(state& own) noexcept {
    failure_kind kind = failure_kind::stream_threw;
    std::exception_ptr cause;
    try {
      while (own.next) {  // an empty chunk would end the stream
        std::optional<std::string> chunk = own.next();
        if (own.on.changed && own.on.changed()) {
          kind = failure_kind::session_changed_while_streaming;
          break;
        }
        if (!chunk) return false;
        if (chunk->empty()) continue;
        own.chunk = std::move(*chunk);
        own.at = 0;
        return true;
      }
    } catch (...) {
      cause = std::current_exception();
    }
    own.next = nullptr;
    if (own.on.failed) own.on.failed(kind, cause);
    return false;
  }

  std::shared_ptr<state> state_;
};

}  // namespace scs::http::detail
