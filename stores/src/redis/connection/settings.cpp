#include "redis/connection/settings.hpp"

#include <string>
#include <utility>

#include <scs/error.hpp>

#include "redis/connection/server_url.hpp"

namespace scs::stores::redis_detail {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t max_key_prefix_size = 64;
constexpr milliseconds longest = std::chrono::hours{24};

void require(bool holds, const std::string& what) {
  if (!holds) throw error(errc::invalid_options, "redis: " + what);
}

void require_duration(milliseconds value, milliseconds least, const char* name) {
  require(value >= least && value <= longest, std::string{name} + ": it must be at least " +
                                                  std::to_string(least.count()) +
                                                  " ms and at most a day");
}

bool may_be_reached(const address& server, const redis_options& options) noexcept {
  return options.tls == redis_tls::required || options.plaintext == redis_plaintext::any_network ||
         server.is_on_this_machine();
}

void check_numbers(const redis_options& options) {
  require(options.database >= 0, "database: it must not be negative");
  require(options.mode != redis_mode::cluster || options.database == 0,
          "database: a cluster has only the database 0");
  require(options.key_prefix.size() <= max_key_prefix_size,
          "key_prefix: at most " + std::to_string(max_key_prefix_size) + " bytes");
  require_duration(options.timeout, milliseconds{1}, "timeout");
  require_duration(options.connect_timeout, milliseconds{1}, "connect_timeout");
  require(options.max_connections > 0, "max_connections: it must be more than zero");
  require_duration(options.reconnect_pause_min, milliseconds{1}, "reconnect_pause_min");
  require_duration(options.max_reconnect_pause, options.reconnect_pause_min, "max_reconnect_pause");
  require(options.wait_replicas >= 0, "wait_replicas: it must not be negative");
  require_duration(options.wait_timeout, milliseconds{1}, "wait_timeout");
  require(options.wait_replicas == 0 || options.wait_timeout < options.timeout,
          "wait_timeout: it must be less than timeout");
  if (options.max_clock_skew) {
    require_duration(*options.max_clock_skew, milliseconds{0}, "max_clock_skew");
  }
}

void check_sentinel_options(const redis_options& options) {
  const bool sentinel = options.mode == redis_mode::sentinel;
  require(!sentinel || !options.sentinel_master.empty(),
          "sentinel_master: the mode sentinel needs the master's name");
  require(sentinel || (options.sentinel_master.empty() && options.sentinel_user.empty() &&
                       options.sentinel_password.empty()),
          "sentinel_master, sentinel_user, sentinel_password: only for the mode sentinel");
  require(options.sentinel_user.empty() || !options.sentinel_password.empty(),
          "sentinel_user: it needs a sentinel_password");
}

void check_tls_options(const redis_options& options) {
  require(options.tls == redis_tls::required ||
              (options.tls_ca_file.empty() && options.tls_certificate_file.empty() &&
               options.tls_key_file.empty() && options.tls_server_name.empty()),
          "tls_ca_file and the like need TLS: tls = required, or rediss://");
}

/// Takes what a URL says into an option that nothing else has set.
void take(std::string& option, const std::string& from_url, const char* name) {
  if (from_url.empty()) return;
  require(option.empty() || option == from_url,
          std::string{"servers: a URL and another one, or the option "} + name +
              ", differ in the " + name);
  option = from_url;
}

void take_url(redis_options& options, const named_server& named) {
  if (named.tls == true) options.tls = redis_tls::required;
  require(options.mode != redis_mode::sentinel || (named.password.empty() && !named.database),
          "servers: in the mode sentinel, user, password and database are options and no parts of "
          "a URL");
  take(options.user, named.user, "user");
  take(options.password, named.password, "password");
  if (named.database) {
    require(options.database == 0 || options.database == *named.database,
            "servers: a URL and the option database differ in the database");
    options.database = *named.database;
  }
}

}  // namespace

void require_allowed(const address& announced, const redis_options& options) {
  if (may_be_reached(announced, options)) return;
  throw error(errc::store_failed,
              "redis: " + announced.text() +
                  ", which the servers name, is not on this machine, and TLS is off: see "
                  "redis_options::tls and plaintext");
}

settings checked(redis_options options) {
  const bool single = options.mode == redis_mode::single;
  require(!options.servers.empty(), "servers: there is none");
  require(!single || options.servers.size() == 1,
          "servers: in the mode single there is exactly one");
  std::vector<address> servers;
  const std::uint16_t port =
      options.mode == redis_mode::sentinel ? usual_sentinel_port : usual_port;
  bool without_tls = false;
  for (const std::string& text : options.servers) {
    const named_server named = parse_server(text, port);
    take_url(options, named);
    without_tls |= named.tls == false;
    servers.push_back(named.where);
  }
  require(!without_tls || options.tls == redis_tls::off,
          "servers: a URL redis:// is without TLS; with TLS it is rediss://");
  require(options.user.empty() || !options.password.empty(), "user: it needs a password");
  check_numbers(options);
  check_sentinel_options(options);
  check_tls_options(options);
  for (const address& server : servers) {
    require(single || !server.is_unix_socket(),
            "servers: in the modes cluster and sentinel there are no Unix sockets");
    require(options.tls == redis_tls::off || !server.is_unix_socket(),
            "tls: " + server.host + " is a Unix socket, where Redis speaks no TLS");
    require(may_be_reached(server, options),
            "plaintext: " + server.text() +
                " is not on this machine, and TLS is off: set tls = required, or any_network "
                "where everybody in the network is trusted");
  }
  settings result{.options = std::move(options), .servers = std::move(servers)};
  if (result.options.mode == redis_mode::cluster) result.kind = server_kind::cluster_node;
  if (result.options.tls == redis_tls::required) {
    result.tls = std::make_shared<const tls_context>(result.options);
  }
  return result;
}

}  // namespace scs::stores::redis_detail
