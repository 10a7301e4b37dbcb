#include "server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <buntdb/error.hpp>
#include <buntstore/internal/socket.hpp>

#include "commands/built_in.hpp"
#include "thread/blocked_signals.hpp"

namespace buntdb::control {

namespace {

std::array<descriptor, 2> made_pipe() {
  std::array<int, 2> ends{};
  if (!buntstore::internal::open_pipe(ends)) {
    throw error(std::error_code(errno, std::generic_category()), "pipe failed");
  }
  return {descriptor(ends[0]), descriptor(ends[1])};
}

}  // namespace

control_options checked(control_options options) {
  using std::chrono::milliseconds;
  const auto refuse = [](const char* name) {
    throw error(errc::invalid_argument,
                std::string("control_options::") + name + " must be greater than zero");
  };
  if (options.max_clients == 0) refuse("max_clients");
  if (options.max_request_bytes == 0) refuse("max_request_bytes");
  if (options.idle_timeout <= milliseconds(0)) refuse("idle_timeout");
  if (options.send_timeout <= milliseconds(0)) refuse("send_timeout");
  if (options.write_timeout < milliseconds(0)) refuse("write_timeout");
  // Longer than any wait, and short enough that no clock overflows.
  constexpr milliseconds longest = std::chrono::hours(24 * 365);
  for (milliseconds* const each :
       {&options.idle_timeout, &options.send_timeout, &options.write_timeout})
    *each = std::min(*each, longest);
  return options;
}

server::server(database& db, const std::filesystem::path& file, control_options options)
    : process_(::getpid()),
      path_(control_path(file)),
      max_clients_(options.max_clients),
      budget_(options.max_request_bytes),
      environment_{.commands = commands_,
                   .budget = budget_,
                   .max_request_bytes = options.max_request_bytes,
                   .idle_timeout = options.idle_timeout,
                   .send_timeout = options.send_timeout},
      wake_(made_pipe()),
      listening_(std::make_unique<listening_socket>(path_)) {
  commands_.add(built_in_commands(
      {.db = db, .file = file, .write_timeout = options.write_timeout, .commands = commands_}));
  commands_.add(std::move(options.commands));
  const blocked_signals blocked;
  thread_ = std::thread([this] { run(); });
}

server::~server() {
  close();
}

bool server::is_ours() const noexcept {
  return ::getpid() == process_;
}

void server::close() noexcept {
  const std::lock_guard lock(closing_);
  if (!thread_.joinable()) return;
  // A process that opens the database next must not find this socket's name.
  ends_.store(true);
  wake();
  thread_.join();
  listening_.reset();
  for (client& each : clients_)
    each.stop();
  clients_.clear();
}

void server::wake() const noexcept {
  // If the pipe is full, the thread will wake up anyway.
  static_cast<void>(::write(wake_[1].get(), "", 1) == 1);
}

void server::run() {
  while (!ends_.load()) {
    std::array<pollfd, 2> waited{{{.fd = wake_[0].get(), .events = POLLIN, .revents = 0},
                                  {.fd = listening_->get(), .events = POLLIN, .revents = 0}}};
    ::poll(waited.data(), waited.size(), -1);
    std::array<char, 64> calls{};
    while (::read(wake_[0].get(), calls.data(), calls.size()) > 0) {
    }
    if (ends_.load()) return;
    reap();
    if (waited[1].revents != 0) accept_all();
  }
}

void server::accept_all() {
  for (;;) {
    descriptor socket = listening_->accept();
    if (!socket) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // If no descriptor is available, poll() would return immediately each time.
      constexpr int pause_ms = 100;
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        pollfd waited{.fd = wake_[0].get(), .events = POLLIN, .revents = 0};
        ::poll(&waited, 1, pause_ms);
      }
      return;
    }
    try {
      admit(std::move(socket));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no thread, no client
    }
    if (ends_.load()) return;
  }
}

void server::admit(descriptor socket) {
  const uid_t user = peer_of(socket.get()).user;
  if (user != 0 && user != ::geteuid()) {
    return refuse(socket, "DENIED this socket is for the user of the server, and for root");
  }
  if (!make_room()) {
    return refuse(socket, "BUSY all clients that are served at a time have a command under way");
  }
  clients_.emplace_back(std::move(socket), environment_, [this] { wake(); });
}

/// Returns false if all clients run a command.
bool server::make_room() {
  reap();
  while (clients_.size() >= max_clients_) {
    auto longest = clients_.end();
    client::clock::time_point since = client::clock::time_point::max();
    for (auto each = clients_.begin(); each != clients_.end(); ++each) {
      const auto waits = each->waits_since();
      if (!waits || *waits >= since) continue;
      longest = each;
      since = *waits;
    }
    if (longest == clients_.end()) return false;
    if (longest->evict()) clients_.erase(longest);  // its thread ends immediately
  }
  return true;
}

void server::reap() {
  clients_.remove_if([](const client& each) { return each.is_finished(); });
}

void server::refuse(const descriptor& socket, std::string_view message) const noexcept {
  try {
    const std::string line = "-" + std::string(message) + "\r\n";
    static_cast<void>(::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) > 0);
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): closed without a word
  }
}

}  // namespace buntdb::control
