#pragma once

#include <initializer_list>
#include <string_view>

#include "redis/connection/deadline.hpp"
#include "redis/connection/pool.hpp"
#include "redis/protocol/reply.hpp"
#include "redis/protocol/script.hpp"

namespace scs::stores::redis_detail {

/// Whether a request may be sent again when its outcome is unknown.
enum class repeatable { no, yes };

/// Whether a change waits for replicas, if the options say so.
enum class replication { not_awaited, awaited };

/// A command or a script for one key. A view: the texts must outlive it.
struct request {
  std::string_view key;
  /// Null: a plain command.
  const script* program = nullptr;
  /// The plain command's name; the key follows it.
  std::string_view command{};
  std::initializer_list<std::string_view> arguments{};
  repeatable again = repeatable::no;
  replication replicas = replication::not_awaited;
};

/// Whether ASKING precedes the request, as -ASK demands.
enum class asking { no, yes };

/// Sends it to this server, with the script's text if the server does not know it yet, in one round
/// trip otherwise. The reply may be an error. Throws connection_failure; scs::error if too few
/// replicas confirmed in time.
reply send(pool& server, const request& what, asking first, const redis_options& options,
           deadline until, freshness wanted = freshness::any);

}  // namespace scs::stores::redis_detail
