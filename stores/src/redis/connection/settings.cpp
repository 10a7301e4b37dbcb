#include "redis/connection/settings.hpp"

#include <string>
#include <utility>

#include <scs/error.hpp>

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

}  // namespace

bool may_be_reached(const address& server, const redis_options& options) noexcept {
  return options.plaintext == redis_plaintext::any_network || server.is_on_this_machine();
}

settings checked(redis_options options) {
  const bool cluster = options.mode == redis_mode::cluster;
  require(options.tls == redis_tls::off,
          "tls: not supported: put a TLS tunnel (stunnel, ghostunnel) in front of the server and "
          "connect to the tunnel");
  require(!options.servers.empty(), "servers: there is none");
  require(cluster || options.servers.size() == 1,
          "servers: in the mode single there is exactly one");
  require(options.user.empty() || !options.password.empty(), "user: it needs a password");
  require(options.database >= 0, "database: it must not be negative");
  require(!cluster || options.database == 0, "database: a cluster has only the database 0");
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

  settings result{.options = std::move(options), .servers = {}};
  for (const std::string& text : result.options.servers) {
    result.servers.push_back(parse_address(text));
    require(!cluster || !result.servers.back().is_unix_socket(),
            "servers: the nodes of a cluster are reached by TCP, not by a Unix socket");
    require(may_be_reached(result.servers.back(), result.options),
            "plaintext: " + text +
                " is not on this machine, and the store has no TLS: name the local end of a "
                "tunnel, or set any_network where everybody in the network is trusted");
  }
  return result;
}

}  // namespace scs::stores::redis_detail
