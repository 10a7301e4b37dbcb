#pragma once

#include <memory>
#include <vector>

#include <scs/store/store_reports.hpp>
#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"
#include "redis/connection/tls_context.hpp"

namespace scs::stores::redis_detail {

/// The kind of a server, which decides what the store asks it when a connection is made.
enum class server_kind {
  /// It must say that it is a master.
  master,
  cluster_node,
  /// It has no data and no clock.
  sentinel,
};

/// The checked options, and what was read from them.
struct settings {
  redis_options options;
  std::vector<address> servers{};
  server_kind kind = server_kind::master;
  /// Never null; compares clocks and takes warnings.
  std::shared_ptr<server_watch> watch = std::make_shared<server_watch>();
  /// Null: without TLS.
  std::shared_ptr<const tls_context> tls{};
};

/// Throws scs::error (store_failed) if redis_options::plaintext forbids the use of a server that
/// another server has announced.
void require_allowed(const address& announced, const redis_options& options);

/// Throws scs::error (invalid_options), which names the wrong option.
settings checked(redis_options options);

}  // namespace scs::stores::redis_detail
