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

/// The options of a control_socket.
struct control_options {
  /// Commands in addition to those of every socket, such as those for sessions
  /// (scs::stores::session_commands()). A command replaces the socket's own one of the same name.
  std::vector<control_command> commands = {};

  /// The greatest number of clients that are served at a time, each by a separate thread. At
  /// least 1. When another client connects, the client that has waited longest without a request
  /// under way is disconnected. If all clients have a request under way, the new one is refused.
  std::size_t max_clients = 8;
  /// The greatest memory for requests that are being received, of all clients together, in bytes.
  std::size_t max_request_bytes = std::size_t{64} << 20U;
  /// How long a client may take, after the last answer, to send its next request completely.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(1);
  /// A client that receives nothing of its answer for this long is disconnected.
  std::chrono::milliseconds send_timeout = std::chrono::seconds(10);
  /// How long a command that writes waits for another transaction to end, before it answers
  /// `-BUSY`.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(5);
};

/// Returns the name of the control socket for a database's file: FILE.sock. If the path is a
/// symbolic link, it is next to the file itself. Throws std::filesystem::filesystem_error.
std::filesystem::path control_path(const std::filesystem::path& file);

/// A Unix socket next to the database's file. Through it, the tool `buntdb`, or redis-cli, works on
/// a database that this process has open. docs/control.md describes the commands and the protocol.
///
/// The socket has mode 0600 and serves only processes of this process's user and of root. Any
/// process that can connect can read and change everything, like a process that can write the file.
///
/// It needs one thread, and one more for each connected client. Clients use the database's public
/// functions: their writes are ordinary transactions and wait for the disk as the sync policy says.
/// A client that is slow or silent occupies only its own thread.
///
/// Any thread may call its functions. It must be destroyed before the database. In a child process
/// after fork(), it and its destructor do nothing.
class control_socket {
 public:
  /// Begins to listen. `file` must be the database's file: clients see its name, and it determines
  /// the socket's name. A socket that a killed process left under that name is replaced. Throws
  /// buntdb::error: errc::invalid_argument if options are out of range, std::errc::file_exists if
  /// something else has the name, or the operating system's errors.
  control_socket(database& db, const std::filesystem::path& file, control_options options = {});
  /// Calls close().
  ~control_socket();
  control_socket(const control_socket&) = delete;
  control_socket& operator=(const control_socket&) = delete;

  /// Returns the path of the socket.
  const std::filesystem::path& path() const noexcept;

  /// Ends all connections, waits for commands that are under way, and removes the socket's name. A
  /// second call does nothing. Must not be called by the thread of a command.
  void close() noexcept;

 private:
  std::unique_ptr<control::server> server_;
};

}  // namespace buntdb
