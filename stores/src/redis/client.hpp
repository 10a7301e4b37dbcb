#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scs/stores/redis.hpp>

#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/protocol/reply.hpp"
#include "redis/record_format.hpp"
#include "redis/routing/router.hpp"

namespace scs::stores {

/// What a redis store does, in terms of requests to whichever server has the key.
class redis::client {
 public:
  explicit client(redis_options options);

  void check();
  std::optional<record> find(const session_id& id);
  session_with_watermark find_with_watermark(const session_id& id);
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision, std::string_view user);
  bool touch(const session_id& id, time_point expiry);
  std::optional<record> erase(const session_id& id);
  time_point engine_time(const session_id& id);
  void for_each(const visitor& visit_record);
  void for_each_of_user(std::string_view user, const visitor& visit_record);

 private:
  struct found_record {
    session_id id;
    redis_detail::record_format::unpacked contents;
  };
  class ids_visited;

  redis_detail::deadline call_deadline() const {
    return redis_detail::deadline::in(settings_.options.timeout);
  }
  std::string record_key(const session_id& id) const;
  std::string index_key(std::string_view user) const;
  std::optional<session_id> id_of(std::string_view record_key) const;

  /// A single server's answer to find_script().
  redis_detail::reply run_find_script(const session_id& id, std::string_view watermark_prefix);

  /// Makes sure that the user's index has the id for as long as a record with this expiry lives.
  /// Gives until when it has.
  std::string index(const session_id& id, std::string_view user, time_point expiry,
                    redis_detail::deadline until);
  /// Removes what a former commit put into the user's index. Only saves work later: does not throw.
  void unindex(const session_id& id, std::string_view user, std::string_view index_time,
               redis_detail::deadline until) noexcept;

  /// The records that are there, in a few round trips.
  std::vector<found_record> fetch(std::span<const session_id> ids);
  /// One page of a server's keys. Gives the next cursor.
  std::string scan(redis_detail::pool& server, const std::string& cursor,
                   std::vector<session_id>& ids);
  visit visit_all_of(redis_detail::pool& server, ids_visited& visited, const visitor& visit_record);

  const redis_detail::settings settings_;
  const std::string scan_pattern_;
  const std::unique_ptr<redis_detail::router> router_;
};

}  // namespace scs::stores
