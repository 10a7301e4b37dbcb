#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/nonblocking_store.hpp>
#include <scs/session_id.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/expiry_reports.hpp>

namespace scs::stores {

/// The limits of a memory store.
struct BUNTSTORE_PUBLIC memory_options {
  /// The greatest number of sessions, including expired ones that were not removed yet. A new
  /// session beyond it is refused with errc::store_full. Zero: no limit.
  std::size_t max_sessions = 0;
  /// The same for sessions without a user, within max_sessions. It prevents a flood of visitors
  /// from keeping users from logging in. No existing session is removed to make room. A renewed
  /// session without a user counts as a new one. Zero: no limit.
  std::size_t max_anonymous_sessions = 0;
  /// The clock by which sessions expire. Null: the system's clock. It must outlive the store.
  const scs::clock* clock = nullptr;
};

/// Sessions in the memory of this process: for tests, and for servers whose visitors may be logged
/// out by a restart. Every commit of a new session also checks a few others and removes those that
/// have expired. There is no background thread.
///
/// Thread safety: any number of threads may call any function at the same time.
class BUNTSTORE_PUBLIC memory final : public nonblocking_store,
                                      public expiry_reports,
                                      public counting_store {
 public:
  explicit memory(memory_options options = {});
  ~memory() override;

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  /// Always succeeds. A commit blocks no longer than a find() does: while another thread copies a
  /// part of the sessions for for_each().
  std::optional<commit_result> try_commit(const session_id& id, std::string_view payload,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user) override {
    return commit(id, payload, expiry, expected_revision, user);
  }
  std::optional<bool> try_touch(const session_id& id, time_point expiry) override {
    return touch(id, expiry);
  }
  std::optional<record> erase(const session_id& id) override;
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// The listener is called when an expired session is removed: when a call reads it, or at the
  /// commit of a new session.
  void on_expired(listener call) override;

  /// Does not count sessions that were found to have expired. Each call checks a thousand of them.
  std::optional<std::uint64_t> count() override;

  /// Returns the number of sessions, including expired ones that were not removed yet.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  /// Checks the `max_sessions` sessions that were not checked for the longest time, removes those
  /// that have expired, and returns how many it removed.
  std::size_t remove_expired(std::size_t max_sessions);

 private:
  struct kept_session {
    std::string payload;
    time_point expiry;
    std::uint64_t revision = 0;
    /// Points to the name that user_index keeps. Null for a session without a user.
    const std::string* user = nullptr;
  };
  using map = std::unordered_map<session_id, kept_session>;

  struct partition {
    std::mutex mutex;  // guards the other members
    map entries;
    std::size_t next_bucket = 0;  // where remove_expired() continues
  };

  class reserved_place;
  class user_index;
  class expired_sessions;
  class told_at_end;

  commit_result::outcome create(const session_id& id, kept_session&& fresh, std::string_view user);
  commit_result::outcome replace(const session_id& id, kept_session&& fresh,
                                 const std::string& expected_revision, std::string_view user);
  partition& shard_of(const session_id& id) noexcept;
  map::iterator live_entry(partition& shard, const session_id& id, time_point now);
  void remove(partition& shard, map::iterator position) noexcept;
  void remove_as_expired(partition& shard, map::iterator position) noexcept;
  static bool is_anonymous(const map::value_type& entry) noexcept;
  std::size_t remove_expired(partition& shard, std::size_t max_sessions, time_point now) noexcept;

  static constexpr std::size_t shard_count = 32;

  const memory_options options_;
  const scs::clock& clock_;
  const std::unique_ptr<user_index> users_;
  const std::unique_ptr<expired_sessions> expired_;
  std::array<partition, shard_count> shards_{};
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> anonymous_{0};
  std::atomic<std::size_t> reserved_{0};
  std::atomic<std::uint64_t> last_revision_{0};
  std::atomic<std::size_t> next_shard_{0};
};

}  // namespace scs::stores
