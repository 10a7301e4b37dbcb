#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "redis/connection/pool.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/routing/request.hpp"

namespace scs::stores::redis_detail {

/// Sends a request to the server that has the key, and decides what to do if it does not answer.
/// Any number of threads may use it.
class router {
 public:
  router() = default;
  router(const router&) = delete;
  router& operator=(const router&) = delete;
  virtual ~router() = default;

  /// The answer of the server that has the key, never an error. Throws scs::error.
  virtual reply call(const request& what, deadline until) = 0;

  /// The server that has the key, by what was learned last. Throws scs::error.
  virtual std::shared_ptr<pool> server_of(std::string_view key, deadline until) = 0;

  /// All masters, and a number that changes when keys move from one master to another.
  struct layout {
    std::vector<std::shared_ptr<pool>> masters;
    std::uint64_t version = 0;
  };
  /// Returns the present layout. Throws scs::error.
  virtual layout current_layout(deadline until) = 0;
};

/// Makes the router for redis_options::mode. The settings must outlive it.
std::unique_ptr<router> make_router(const settings& with);
std::unique_ptr<router> make_single_router(const settings& with);
std::unique_ptr<router> make_cluster_router(const settings& with);
std::unique_ptr<router> make_sentinel_router(const settings& with);

/// Whether the server answers that it is not a master, or has just started. Another server may be
/// the master now.
bool may_have_changed(const redisReply& answer) noexcept;

/// Throws the scs::error for a request that got no answer.
[[noreturn]] void throw_failed(const connection_failure& failure);

}  // namespace scs::stores::redis_detail
