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

/// Calls `holds` again and again until it does. False when the limit passed first.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds limit = std::chrono::seconds{20});

/// The program that is started: the environment's BUNTSTORE_REDIS_SERVER, or otherwise CMake's
/// REDIS_SERVER. It may be valkey-server.
std::string redis_program();

/// A Redis on a free port of the loopback, in a folder of its own. It is ready when the constructor
/// returns, and ends with the object, or with the test program however that ends.
class redis_server {
 public:
  /// Arguments as on the command line: `{"--appendonly", "yes"}`. With certificates, the port
  /// speaks TLS, and clients need no certificates.
  explicit redis_server(std::vector<std::string> arguments = {}, std::optional<tls_files> tls = {});
  /// On this port, with this text as nodes.conf, where a node of a cluster keeps what it knows.
  redis_server(std::vector<std::string> arguments, int port, const std::string& nodes_conf,
               std::optional<tls_files> tls = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  int port() const noexcept { return port_; }
  /// `127.0.0.1:PORT`
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string socket_path() const { return folder_.file("socket"); }

  /// Ends it as an administrator does.
  void stop();
  /// SIGKILL.
  void kill();
  /// After stop() or kill(), on the same port and folder.
  void start();
  void freeze();
  void thaw();

  /// What redis-cli would print, arrays joined by spaces, over a connection of its own. Throws
  /// std::runtime_error if the server does not answer. An error is text that begins with "ERROR ".
  std::string command(const std::vector<std::string>& words) const;
  /// A field of INFO, as a number.
  long long info(const std::string& field) const;

  /// The password that command() needs.
  void use_password(std::string password) { password_ = std::move(password); }

  /// Whether the server has bytes to read that it has not read: when it stands still.
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

/// Three masters and a replica for each, complete when the constructor returns: after about three
/// seconds, of which a master that starts insists on two.
class redis_cluster {
 public:
  /// How long a node must be silent before the others replace it.
  explicit redis_cluster(std::chrono::milliseconds node_timeout, std::optional<tls_files> tls = {},
                         std::vector<std::string> more_arguments = {});

  static constexpr std::size_t masters = 3;

  /// 0 to 2 began as masters, 3 to 5 as their replicas.
  redis_server& node(std::size_t index) const { return *nodes_[index]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  /// The node that has the slot of this key now, as the given one sees it.
  std::size_t owner_of(const std::string& key, std::size_t seen_by) const;

  /// Nodes that have slots, as the given one sees it.
  std::vector<std::size_t> masters_seen_by(std::size_t index) const;

 private:
  void form(std::chrono::milliseconds node_timeout);

  const std::optional<tls_files> tls_;
  const std::vector<std::string> more_arguments_;
  std::vector<std::unique_ptr<redis_server>> nodes_;
};

/// What redis-cli would print, over a Unix socket, arrays joined by spaces. Throws
/// std::runtime_error if the server does not answer. An error is text that begins with "ERROR ".
std::string redis_command(const std::string& socket, const std::vector<std::string>& words);

/// Makes everything in the server older by a duration: what its clock would do in that time.
void let_pass(redis_server& server, std::chrono::milliseconds duration);

}  // namespace test
