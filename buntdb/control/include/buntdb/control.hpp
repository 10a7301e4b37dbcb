#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include <buntdb/control_command.hpp>
#include <buntdb/database.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace control BUNTSTORE_PRIVATE {
class server;
}

struct control_options {
  /// Commands beside those that every socket has, such as those for sessions
  /// (scs::stores::session_commands()). One of the same name replaces the socket's own.
  std::vector<control_command> commands = {};

  /// How many clients are served at a time, each by a thread of its own; at least 1. When one more
  /// comes, the one that has been waiting longest without a request under way is closed; if all of
  /// them have one, the new client is refused.
  std::size_t max_clients = 8;
  /// What requests may take that are being received, of all clients together, in bytes.
  std::size_t max_request_bytes = std::size_t{64} << 20U;
  /// After the last answer, a client has this long to send its next request whole.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(1);
  /// A client that takes nothing of its answer for this long is closed.
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);
  /// How long a command that writes waits for another transaction to end, before it answers
  /// `-BUSY`.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(5);
};

/// The name of the socket of a database's file: FILE.sock, next to the file itself if the path is
/// a symbolic link. Throws std::filesystem::filesystem_error.
std::filesystem::path control_path(const std::filesystem::path& file);

/// A Unix socket next to the database's file, through which the tool `buntdb`, or redis-cli, works
/// on a database that this process has open. docs/control.md has its commands and its protocol.
///
/// The socket has mode 0600, and serves only processes of this process's user and of root. Whoever
/// can connect can read and change everything, as whoever can write the file can.
///
/// It needs one thread, and one for each client that is connected. Clients work through the
/// database's public functions: their writes are transactions like others and wait for the disk as
/// the sync policy says. A client that is slow or silent occupies its own thread only.
///
/// Its functions may be called by any thread. It must be destroyed before the database. In a child
/// of fork() it does nothing, nor does its destructor.
class control_socket {
 public:
  /// Listens from now on. The file must be the database's: it is named to clients, and gives the
  /// socket its name. A socket that a killed process has left under that name is replaced. Throws
  /// buntdb::error: errc::invalid_argument for options out of range;
  /// std::errc::file_exists if there is something else under the name; the operating system's
  /// errors.
  control_socket(database& db, const std::filesystem::path& file, control_options options = {});
  ~control_socket();
  control_socket(const control_socket&) = delete;
  control_socket& operator=(const control_socket&) = delete;

  /// Where it listens.
  const std::filesystem::path& path() const noexcept;

  /// Ends all connections, waits for commands that are under way, and removes the socket's name.
  /// Calling it twice is harmless. Not for a command's own thread.
  void close() noexcept;

 private:
  std::unique_ptr<control::server> server_;
};

}  // namespace buntdb
