#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scs/store/request_time.hpp>
#include <scs/stores/redis.hpp>

#include "redis/connection/deadline.hpp"
#include "redis/connection/settings.hpp"
#include "redis/protocol/reply.hpp"
#include "redis/record_format.hpp"
#include "redis/routing/router.hpp"

namespace scs::stores {

/// The functions of a redis store, as requests to the server that has the key.
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
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry);
  time_point engine_time(const session_id& id);
  void on_warning(store_reports::listener call, std::chrono::nanoseconds idle_timeout);
  void for_each(const visitor& visit_record);
  void for_each_of_user(std::string_view user, const visitor& visit_record);

 private:
  struct found_record {
    session_id id;
    redis_detail::record_format::unpacked contents;
  };
  class ids_visited;

  void warn_of_eviction(const std::string& server, std::string_view memory);
  std::string record_key(const session_id& id) const;
  std::string index_key(std::string_view user) const;
  std::optional<session_id> id_of(std::string_view record_key) const;

  /// Whether records are those of redis_records::scs_v2, for which the functions below are, in
  /// scs_v2.cpp.
  bool is_scs_v2() const noexcept { return settings_.options.records == redis_records::scs_v2; }
  std::optional<record> find_scs_v2(const session_id& id);
  commit_result commit_scs_v2(const session_id& id, std::string_view payload, time_point expiry,
                              const std::optional<std::string>& expected_revision);
  bool touch_scs_v2(const session_id& id, time_point expiry);
  std::optional<record> erase_scs_v2(const session_id& id);
  std::vector<found_record> fetch_scs_v2(std::span<const session_id> ids);
  void for_each_of_user_scs_v2(std::string_view user, const visitor& visit_record);

  /// Returns the text between the prefix and the id in a record's key.
  std::string_view record_mark() const noexcept;

  /// Returns the answer to find_script(). Not for clusters.
  redis_detail::reply run_find_script(const session_id& id, std::string_view watermark_prefix,
                                      redis_detail::deadline until);

  /// Makes sure that the user's index has the id for as long as a record with this expiry lives.
  /// Returns until when the entry lasts.
  std::string index(const session_id& id, std::string_view user, time_point expiry,
                    redis_detail::deadline until);
  /// Removes an entry of the user's index that an earlier commit wrote. Only saves work later: does
  /// not throw.
  void unindex(const session_id& id, std::string_view user, std::string_view index_time,
               redis_detail::deadline until) noexcept;

  /// Returns those of the records that exist, in a few round trips.
  std::vector<found_record> fetch(std::span<const session_id> ids);
  /// Reads from one server. If it does not answer, reads once more, over a fresh connection. Throws
  /// connection_failure.
  void read(redis_detail::pool& server, std::string_view commands,
            std::span<redis_detail::reply> replies, redis_detail::deadline until);
  /// Reads one page of a server's keys. Returns the next cursor.
  std::string scan(redis_detail::pool& server, const std::string& cursor,
                   std::vector<session_id>& ids);
  visit visit_all_of(redis_detail::pool& server, ids_visited& visited, const visitor& visit_record);

  const redis_detail::settings settings_;
  const std::string scan_pattern_;
  const std::unique_ptr<redis_detail::router> router_;
};

}  // namespace scs::stores
