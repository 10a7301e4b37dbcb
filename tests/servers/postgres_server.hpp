#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "process.hpp"
#include "tls_files.hpp"

namespace test {

/// A PostgreSQL of the test's own, in a temporary folder, on a free port of 127.0.0.1; gone when
/// the object is, or the thread that started it. PostgreSQL refuses to run as root: then it runs as
/// the user postgres, or nobody. Used by one thread.
class postgres_server {
 public:
  /// Makes an empty database and starts the server. Throws std::exception.
  postgres_server();
  enum class role { standby };
  /// Makes a standby of another one, which must be running. The standby connects to it through that
  /// port of the loopback; zero: directly. It follows when this returns.
  postgres_server(const postgres_server& primary, role what, int replication_port = 0);
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// For the superuser `app`, who needs no password; `guarded` needs guarded_password.
  std::string conninfo(std::string_view user = "app") const;
  static constexpr std::string_view guarded_password = "correct horse";
  int port() const noexcept { return port_; }

  /// Waits until it answers.
  void start();
  /// An orderly end: connections are told.
  void stop();
  /// SIGKILL for all of its processes.
  void kill();
  bool running() const;
  /// Makes a standby the primary; returns when it takes writes.
  void promote();

  /// From now on it does nothing, though the system still takes connections for it.
  void freeze();
  void thaw();

  /// Kills the server's process behind a connection, as a crash would: the server ends all others,
  /// recovers from its log, and goes on.
  void kill_backend(int pid) const;

  /// From now on it also takes connections with TLS, with copies of these files.
  void speak_tls(const tls_files& files) const;

  /// As the superuser; returns the first column of the first row, or "".
  std::string sql(const std::string& statement) const;

  /// A program as the user that the server runs as.
  std::unique_ptr<process> run(std::vector<std::string> arguments) const;
  /// Belongs to that user.
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }

 private:
  std::vector<pid_t> processes() const;

  temporary_folder folder_;
  std::string user_;  // empty: the present one
  int port_ = 0;
  std::unique_ptr<process> server_;
};

/// The one server of a test program, started when it is first asked for.
postgres_server& shared_postgres();

}  // namespace test
