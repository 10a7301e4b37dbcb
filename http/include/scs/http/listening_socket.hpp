#pragma once

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace scs::http {

/// Whether processes of one user may listen on the same port at the same time (SO_REUSEPORT). A
/// restart without a failed request needs that: the new process listens before the old one stops.
enum class port_sharing {
  off,      ///< no other process may listen there
  offered,  ///< refused if another process listens there; other processes may join later
  joined,   ///< another process may listen there already, if it also offered or joined
};

/// The address of a listening_socket.
struct listening_address {
  /// An IP address such as "0.0.0.0" or "::1", or "localhost".
  std::string host = "127.0.0.1";
  /// 0: any free port; see listening_socket::port().
  int port = 0;
  /// Whether other processes may listen on the port.
  port_sharing sharing = port_sharing::off;
  /// How many connections the system queues until they are accepted. The system may allow fewer
  /// (net.core.somaxconn).
  int backlog = SOMAXCONN;
};

/// A TCP socket that listens, and is closed when this object is destroyed. The system accepts
/// connections from its construction on. They wait until a server accepts them. So a program that
/// takes over from another process listens first and then opens the database, which may have to
/// wait until the other process has closed it:
///
///     scs::http::listening_socket socket{{.port = 8080, .sharing = port_sharing::joined}};
///     buntdb::database db = buntdb::database::open("app.db", {.lock_timeout = 10s});
///     …
///     scs::http::serve(server, std::move(socket));
///
/// It can be moved, but not copied. Used by one thread at a time.
class listening_socket {
 public:
  /// Throws std::system_error with the reason if it cannot listen.
  explicit listening_socket(const listening_address& where)
      : ends_(where.sharing == port_sharing::off ? at_end::close : at_end::leave_to_others) {
    const std::string name = where.host + ":" + std::to_string(where.port);
    if (where.port < 0 || where.port > 65'535) fail(EINVAL, name);
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (where.host != "localhost") wanted.ai_flags |= AI_NUMERICHOST;
    addrinfo* list = nullptr;
    const std::string port = std::to_string(where.port);
    const int problem = ::getaddrinfo(where.host.c_str(), port.c_str(), &wanted, &list);
    if (problem != 0) {
      if (problem == EAI_SYSTEM) fail(errno, name);
      throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                              "cannot listen on " + name + ": " + ::gai_strerror(problem));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
    int reason = EADDRNOTAVAIL;
    for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
      reason = listen_on(*each, where);
      if (reason == 0) return;
    }
    fail(reason, name);
  }

  /// Returns a listening socket that a service manager passed to this process, as systemd does for
  /// a .socket unit (LISTEN_FDS): the one with this name (FileDescriptorName=), or the first one if
  /// the name is empty. It continues to listen when this process ends, so that no connection is
  /// refused or reset during a restart. Each socket can be taken once. Throws std::system_error if
  /// none was passed, or if it is not a listening TCP socket.
  static listening_socket passed(std::string_view name = {}) {
    const int handle = passed_handle(name);
    int listens = 0;
    socklen_t size = sizeof listens;
    listening_socket taken(handle, at_end::keep_listening);
    if (::getsockopt(handle, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0 ||
        taken.port() == 0) {
      throw std::system_error(std::make_error_code(std::errc::not_a_socket),
                              "the socket that was passed to this process is no TCP socket that "
                              "listens: ListenStream= with a port is needed");
    }
    ::fcntl(handle, F_SETFD, FD_CLOEXEC);
    return taken;
  }

  /// Whether a service manager has passed sockets to this process.
  static bool was_passed() noexcept { return passed_count() > 0; }

  listening_socket(listening_socket&& from) noexcept
      : handle_(std::exchange(from.handle_, -1)), ends_(from.ends_) {}
  listening_socket& operator=(listening_socket&& from) noexcept {
    std::swap(handle_, from.handle_);
    std::swap(ends_, from.ends_);
    return *this;
  }
  ~listening_socket() {
    if (handle_ >= 0) ::close(handle_);
  }

  /// Returns the port; 0 if the object was moved from or has no port.
  int port() const noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET)
      return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6)
      return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return 0;
  }

  /// Returns the file descriptor, which this object still owns; -1 if it was moved from.
  int handle() const noexcept { return handle_; }
  /// The same, but the caller must close it.
  int release() noexcept { return std::exchange(handle_, -1); }

  /// What happens to the port when the server ends.
  enum class at_end {
    close,            ///< no process listens any more
    leave_to_others,  ///< a process that shares the port may take further connections
    keep_listening,   ///< the process that passed the socket still has it
  };
  /// Returns what happens to the port when the server ends.
  at_end ends() const noexcept { return ends_; }

 private:
  listening_socket(int handle, at_end ends) noexcept : handle_(handle), ends_(ends) {}

  [[noreturn]] static void fail(int reason, const std::string& where) {
    throw std::system_error(reason, std::generic_category(), "cannot listen on " + where);
  }

  /// Returns 0, or the system's error.
  int listen_on(const addrinfo& address, const listening_address& where) noexcept {
    const int made =
        ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
    if (made < 0) return errno;
    listening_socket holder(made, ends_);
    const int yes = 1;
    const auto set = [&](int option) {
      return ::setsockopt(made, SOL_SOCKET, option, &yes, sizeof yes) == 0;
    };
    if (!set(SO_REUSEADDR)) return errno;
    if (where.sharing == port_sharing::joined && !set(SO_REUSEPORT)) return errno;
    if (::bind(made, address.ai_addr, address.ai_addrlen) != 0) return errno;
    // The option is set after this process alone has bound the port. It lets others bind it, too.
    if (where.sharing == port_sharing::offered && !set(SO_REUSEPORT)) return errno;
    if (::listen(made, where.backlog) != 0) return errno;
    // A process that stopped earlier may have left a filter that directs connections to one of the
    // sockets.
    if (where.sharing == port_sharing::joined)
      ::setsockopt(made, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &yes, sizeof yes);
    handle_ = holder.release();
    return 0;
  }

  // The protocol of systemd's sd_listen_fds(3): descriptors from 3 on, for this process only.
  static constexpr int first_passed = 3;

  static int number_of(const char* text) noexcept {
    if (text == nullptr) return 0;
    const std::string_view digits = text;
    int number = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return problem == std::errc() && end == digits.data() + digits.size() ? number : 0;
  }
  static int passed_count() noexcept {
    if (number_of(std::getenv("LISTEN_PID")) != ::getpid()) return 0;
    return number_of(std::getenv("LISTEN_FDS"));
  }
  static int passed_handle(std::string_view name) {
    const int count = passed_count();
    const char* const names = std::getenv("LISTEN_FDNAMES");
    std::string_view rest = names != nullptr ? names : "";
    for (int i = 0; i < count; ++i) {
      const std::string_view own = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(rest.size(), own.size() + 1));
      if (name.empty() || name == own) return first_passed + i;
    }
    throw std::system_error(std::make_error_code(std::errc::not_a_socket),
                            count <= 0 ? "no socket was passed to this process (LISTEN_FDS)"
                                       : "no socket with the name " + std::string(name) +
                                             " was passed to this process (LISTEN_FDNAMES)");
  }

  int handle_ = -1;
  at_end ends_ = at_end::close;
};

}  // namespace scs::http
