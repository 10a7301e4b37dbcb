#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/nonblocking_store.hpp>
#include <scs/session_id.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store/expiry_reports.hpp>

namespace buntdb {
class database;
class snapshot;
}

namespace scs::stores {

/// How a bunt store uses its database.
struct BUNTSTORE_PUBLIC bunt_options {
  /// The beginning of every key, which separates sessions from other data in the same database.
  /// Go's buntstore has no prefix.
  std::string prefix = {};
  /// The greatest number of sessions without a user in this store. A new one beyond it is refused
  /// with errc::store_full. No existing session is removed to make room. Zero: no limit. The count
  /// includes the sessions that went through this object, and those that exist when the object is
  /// made, for which the constructor reads all sessions. A renewed session without a user counts as
  /// a new one.
  std::size_t max_anonymous_sessions = 0;
};

/// Sessions in a buntdb database. It is as fast as memory, and sessions survive a restart. The key
/// is the session's id and the value is its payload, so that the database's indexes and tools work
/// on sessions. (If the payload of a session with a user is not JSON, as with gob_codec, the value
/// begins with `{"user":"…"}` and a NUL.) The database's sync policy determines how durable a
/// commit is.
///
/// In memory an expiry is kept to the nanosecond. In the file it is cut to a whole second, so that
/// a restart may end a session up to a second early, but never late.
///
/// Errors: functions throw buntdb::error, except for errc::store_full when the database has reached
/// its memory limit (buntdb::options::max_memory_bytes). The store then refuses new sessions and
/// sessions that become larger. Logouts, revocations and extending the idle time still work.
///
/// Thread safety: any number of threads may call any function at the same time.
class BUNTSTORE_PUBLIC bunt final : public nonblocking_store,
                                    public durable_erasures,
                                    public expiry_reports,
                                    public counting_store {
 public:
  /// The database must outlive the store. It may also contain other data and other stores.
  explicit bunt(buntdb::database& db, bunt_options options = {});
  ~bunt() override;

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;

  /// See buntdb::transaction::try_commit() for when this succeeds: under a sync policy other than
  /// `always`, while nobody else writes, and while no sync or compaction is running. Even then,
  /// write(2) into the system's page cache may take time: the system delays it when more data was
  /// written to disks than they can absorb.
  std::optional<commit_result> try_commit(const session_id& id, std::string_view payload,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user) override;
  std::optional<bool> try_touch(const session_id& id, time_point expiry) override;

  std::optional<record> erase(const session_id& id) override;

  /// Visits the sessions that existed when the call began. Of the database's other keys, it treats
  /// only those as sessions that have the form of a session's id, or of a watermark's id, after the
  /// prefix.
  void for_each(const visitor& visit_record) override;

  /// Finds a user's sessions by the value's member "user". A payload that begins as a JSON object
  /// must contain this member, as json_codec writes it. Any other payload gets it as a prefix. The
  /// call uses an index of the database with the name "scs:users:PREFIX". The index is made when
  /// the first session with a user is stored or looked up or, with max_anonymous_sessions, by the
  /// constructor. If the database already has items, readers and writers continue while the index
  /// is made.
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// Returns the number of keys that begin with the prefix and `h:`, without reading the items.
  std::optional<std::uint64_t> count() override;

  /// Syncs the database's file, unless it was synced since the last erasure. Does nothing under the
  /// sync policy `never`, with which a power failure may bring ended sessions back.
  void sync_erasures() override;

  /// Uses the database's hook expiry_hooks::on_expired. The first call adds to the hook, and
  /// another function that is set there remains. It does not report what expired while the database
  /// was closed, and nothing after the application has replaced the hook.
  void on_expired(listener call) override;

 private:
  class item_key;
  class anonymous_sessions;
  class expiry_listener;
  class change;

  void count_anonymous_sessions();
  void require_user_index();
  buntdb::snapshot view_with_user_index();

  buntdb::database& db_;
  const bunt_options options_;
  const std::string user_index_;
  std::atomic<bool> has_user_index_{false};
  const std::unique_ptr<anonymous_sessions> anonymous_;
  const std::shared_ptr<expiry_listener> expiry_listener_;
  std::atomic<bool> listens_{false};
  /// How many erasures and revocations are committed, and how many of them are known to be on disk.
  std::atomic<std::uint64_t> erasures_{0};
  std::atomic<std::uint64_t> synced_erasures_{0};
};

}  // namespace scs::stores
