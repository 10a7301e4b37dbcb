#include "live/live_server.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/error.hpp>
#include <buntstore/internal/socket.hpp>

#include "io/file_system.hpp"
#include "output/exit_status.hpp"
#include "output/output.hpp"

namespace {

using buntdb::control::descriptor;

struct connection {
  descriptor socket;
  std::string path;
  pid_t process = 0;
  /// Why there is no socket, if there is none.
  std::error_code problem;
};

/// Whether a server of this user is trusted: the tool's own user, root, and the owner of the file.
bool is_trusted(uid_t user, const std::string& file) {
  struct stat found {};
  return user == ::geteuid() || user == 0 ||
         (::stat(file.c_str(), &found) == 0 && found.st_uid == user);
}

/// Returns the connection, or why there is none.
connection connect_to(const std::string& file) {
  connection made;
  made.path = file + ".sock";
  const auto fail_with_errno = [] { throw std::system_error(errno, std::generic_category()); };
  try {
    const std::filesystem::path path = buntdb::control::socket_path(file);
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) fail_with_errno();
    const buntdb::control::socket_address address(path);
    descriptor socket(buntstore::internal::open_socket(AF_UNIX, SOCK_STREAM,
                                                       buntstore::internal::waiting::blocks));
    if (!socket) fail_with_errno();
    if (::connect(socket.get(), address.get(), address.size()) != 0) fail_with_errno();
    const buntdb::control::peer server = buntdb::control::peer_of(socket.get());
    if (!is_trusted(server.user, file)) {
      throw std::system_error(std::make_error_code(std::errc::operation_not_permitted));
    }
    made.process = server.process;
    made.socket = std::move(socket);
  } catch (const std::system_error& failure) {
    made.problem = failure.code();
  }
  return made;
}

/// Returns the process that has the file open. Empty if there is none, or no file.
std::optional<long> holder_of(const std::string& file) {
  try {
    return buntdb::io::file_system::native()
        .open(file, buntdb::io::open_mode::read_only)
        ->lock_holder();
  } catch (const buntdb::error&) {
    return std::nullopt;  // opening the file will report the error
  }
}

buntdb::error error_of(const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string code = text.substr(0, blank);
  const std::string message = blank == std::string::npos ? text : text.substr(blank + 1);
  for (int value = 1; value <= static_cast<int>(buntdb::errc::wrong_type); ++value) {
    std::string name(to_string(static_cast<buntdb::errc>(value)));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name == code) return {static_cast<buntdb::errc>(value), message};
  }
  std::errc known = std::errc::io_error;
  if (code == "BUSY") known = std::errc::device_or_resource_busy;
  if (code == "DENIED") known = std::errc::permission_denied;
  return {std::make_error_code(known), message};
}

}  // namespace

std::unique_ptr<live_server> live_server::of(const common_options& common, use why) {
  const std::string file = common.file();
  const via way = common.way();
  if (way == via::file) return nullptr;
  connection made = connect_to(file);
  if (made.socket) {
    if (way == via::any) {
      complain("through " + made.path + ": process " + std::to_string(made.process) +
               " has the database open");
    }
    return std::unique_ptr<live_server>(new live_server(std::move(made.socket), made.path));
  }
  if (way == via::socket) {
    throw buntdb::error(
        made.problem, "cannot reach a server through " + made.path + ": " + made.problem.message());
  }
  if (why == use::writing) return nullptr;  // the failure will name the holder
  if (const auto holder = holder_of(file)) {
    const std::string reason = made.problem == std::errc::no_such_file_or_directory
                                   ? "has no control socket"
                                   : "cannot be reached (" + made.problem.message() + ")";
    complain("on the file itself: process " + std::to_string(*holder) +
             " has the database open and " + reason);
  }
  return nullptr;
}

reply live_server::ask(const std::vector<std::string>& request) {
  std::string bytes = "*" + std::to_string(request.size()) + "\r\n";
  for (const std::string& argument : request) {
    bytes += "$" + std::to_string(argument.size()) + "\r\n";
    bytes.append(argument).append("\r\n");
  }
  send(bytes);
  std::optional<reply> answer = next(-1);
  if (answer->type == reply::kind::error) throw error_of(answer->text);
  return std::move(*answer);
}

void live_server::ask_for_pages(const std::vector<std::string>& request,
                                const std::function<bool(const reply& page)>& visit) {
  reply answer = ask(request);
  for (;;) {
    if (answer.elements.size() != 2) fail("answers with no page");
    if (!visit(answer.elements[1])) return;
    const std::string cursor = answer.elements[0].text;
    if (cursor == "0") return;
    answer = ask({"next", cursor});
  }
}

std::optional<reply> live_server::receive(std::chrono::milliseconds timeout) {
  return next(static_cast<int>(timeout.count()));
}

void live_server::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return;  // its last answer says why
    } else if (errno != EINTR) {
      fail(std::generic_category().message(errno));
    }
  }
}

/// Returns an empty optional after the timeout. A negative timeout never ends.
std::optional<reply> live_server::next(int timeout_ms) {
  constexpr std::size_t piece_size = std::size_t{64} << 10U;
  try {
    for (;;) {
      if (auto answer = parser_.take(input_)) return answer;
      pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waited, 1, timeout_ms);
      if (ready == 0) return std::nullopt;
      if (ready < 0 && errno != EINTR) fail(std::generic_category().message(errno));
      if (ready < 0) continue;
      received_.resize(piece_size);
      const ssize_t got = ::recv(socket_.get(), received_.data(), received_.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail("the server has ended the connection");
      input_ = std::string_view(received_).substr(0, static_cast<std::size_t>(got));
    }
  } catch (const bad_reply& failure) {
    fail(std::string("no answer of a control socket: ") + failure.what());
  }
}

void live_server::fail(const std::string& what) const {
  throw buntdb::error(std::make_error_code(std::errc::io_error), path_ + ": " + what);
}

const reply& member_of(const reply& list, std::string_view name) {
  static const reply none;
  for (std::size_t i = 0; i + 1 < list.elements.size(); i += 2)
    if (list.elements[i].text == name) return list.elements[i + 1];
  return none;
}

std::uint64_t count_in(const reply& list, std::string_view name) {
  return static_cast<std::uint64_t>(member_of(list, name).integer);
}

std::unique_ptr<live_server> required_server(const common_options& common) {
  auto server = live_server::of(common, use::writing);
  if (!server) {
    throw buntdb::error(std::make_error_code(std::errc::not_connected),
                        "this needs a running server with a control socket, " + common.file() +
                            ".sock (see docs/control.md)");
  }
  return server;
}
