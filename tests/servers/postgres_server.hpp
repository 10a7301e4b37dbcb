#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "process.hpp"
#include "tls_files.hpp"

namespace test {

/// A separate PostgreSQL server in a temporary folder, on a free port of 127.0.0.1. It ends with
/// this object, or with the thread that started it. PostgreSQL refuses to run as root; then it runs
/// as the user postgres, or nobody. Used by one thread.
class postgres_server {
 public:
  /// Makes an empty database and starts the server. Throws std::exception.
  postgres_server();
  enum class role { standby };
  /// Makes a standby of another server, which must be running. The standby connects through the
  /// port `replication_port` of the loopback, or directly if it is zero. When this returns, the
  /// standby replicates.
  postgres_server(const postgres_server& primary, role what, int replication_port = 0);
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// Returns the connection string for the superuser `app`, who needs no password. `guarded` needs
  /// guarded_password.
  std::string conninfo(std::string_view user = "app") const;
  static constexpr std::string_view guarded_password = "correct horse";
  int port() const noexcept { return port_; }

  /// Waits until it answers.
  void start();
  /// Stops the server in order: it notifies its clients.
  void stop();
  /// Sends SIGKILL to all of its processes.
  void kill();
  bool running() const;
  /// Makes a standby the primary. Returns when it accepts writes.
  void promote();

  /// Stops all processes of the server (SIGSTOP). The system still accepts connections for it.
  void freeze();
  void thaw();

  /// Kills the server's process of a connection, as a crash would. The server ends all others,
  /// recovers from its log, and continues.
  void kill_backend(int pid) const;

  /// From now on it also accepts connections with TLS, with copies of these files.
  void speak_tls(const tls_files& files) const;

  /// Runs a statement as the superuser. Returns the first column of the first row, or "".
  std::string sql(const std::string& statement) const;

  /// Runs a program as the user of the server.
  std::unique_ptr<process> run(std::vector<std::string> arguments) const;
  /// The server's folder, which belongs to that user.
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }

 private:
  std::vector<pid_t> processes() const;

  temporary_folder folder_;
  std::string user_;  // empty: the present user
  int port_ = 0;
  std::unique_ptr<process> server_;
};

/// Returns the single server of a test program. It is started at the first call.
postgres_server& shared_postgres();

}  // namespace test
