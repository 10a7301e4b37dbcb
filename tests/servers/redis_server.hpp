#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process.hpp"
#include "temporary_folder.hpp"
#include "tls_files.hpp"

namespace test {

/// Calls `holds` repeatedly until it returns true. Returns false when the limit has passed.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds limit = std::chrono::seconds{20});

/// Returns the program to start: BUNTSTORE_REDIS_SERVER in the environment, otherwise REDIS_SERVER
/// in CMake. It may be valkey-server.
std::string redis_program();

/// A Redis server on a free port of the loopback, in a temporary folder. It is ready when the
/// constructor returns. It ends with this object, or with the test program, however that ends.
class redis_server {
 public:
  /// Arguments as on the command line: `{"--appendonly", "yes"}`. With certificates, the port
  /// speaks TLS, and clients need no certificates.
  explicit redis_server(std::vector<std::string> arguments = {}, std::optional<tls_files> tls = {});
  /// Uses this port, and this text as nodes.conf, where a node of a cluster keeps its knowledge.
  redis_server(std::vector<std::string> arguments, int port, const std::string& nodes_conf,
               std::optional<tls_files> tls = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  int port() const noexcept { return port_; }
  /// `127.0.0.1:PORT`
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string socket_path() const { return folder_.file("socket"); }

  /// Stops it as an administrator does.
  void stop();
  /// Sends SIGKILL.
  void kill();
  /// Starts it again after stop() or kill(), on the same port and folder.
  void start();
  void freeze();
  void thaw();

  /// Returns what redis-cli would print, with arrays joined by spaces. It uses a separate
  /// connection. Throws std::runtime_error if the server does not answer. An error is a text that
  /// begins with "ERROR ".
  std::string command(const std::vector<std::string>& words) const;
  /// Returns a field of INFO as a number.
  long long info(const std::string& field) const;

  /// Sets the password that command() needs.
  void use_password(std::string password) { password_ = std::move(password); }

  /// Whether the server has bytes that it has not read, because it is frozen.
  bool has_unread_bytes() const;

 private:
  void launch();
  bool ready() const;
  std::vector<std::string> listening_arguments() const;

  buntstore::testing::temporary_folder folder_;
  std::vector<std::string> arguments_;
  std::optional<tls_files> tls_;
  std::string password_;
  int port_ = 0;
  std::unique_ptr<process> process_;
};

/// Three masters with one replica each. It is complete when the constructor returns, after about
/// three seconds, of which a starting master requires two.
class redis_cluster {
 public:
  /// `node_timeout` is how long a node must be silent before the others replace it.
  explicit redis_cluster(std::chrono::milliseconds node_timeout, std::optional<tls_files> tls = {},
                         std::vector<std::string> more_arguments = {});

  static constexpr std::size_t masters = 3;

  /// Nodes 0 to 2 began as masters, and 3 to 5 as their replicas.
  redis_server& node(std::size_t index) const { return *nodes_[index]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  /// Returns the node that has the slot of this key now, according to the given one.
  std::size_t owner_of(const std::string& key, std::size_t seen_by) const;

  /// Returns the nodes that have slots, according to the given one.
  std::vector<std::size_t> masters_seen_by(std::size_t index) const;

 private:
  void form(std::chrono::milliseconds node_timeout);

  const std::optional<tls_files> tls_;
  const std::vector<std::string> more_arguments_;
  std::vector<std::unique_ptr<redis_server>> nodes_;
};

/// Returns what redis-cli would print, with arrays joined by spaces. Uses a Unix socket. Throws
/// std::runtime_error if the server does not answer. An error is text that begins with "ERROR ".
std::string redis_command(const std::string& socket, const std::vector<std::string>& words);

/// Makes everything in the server older by a duration, as if that time had passed.
void let_pass(redis_server& server, std::chrono::milliseconds duration);

}  // namespace test
