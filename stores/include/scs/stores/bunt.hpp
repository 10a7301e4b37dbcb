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

struct BUNTSTORE_PUBLIC bunt_options {
  /// Before every id, to keep sessions apart from other data in the same database. Go's buntstore
  /// has none.
  std::string prefix = {};
  /// How many sessions without a user this store has at most; a new one beyond that is refused with
  /// errc::store_full, and none that is there goes for it. Zero: no limit. Counted are those that
  /// went through this object, and those that are there when it is made, for which it looks at all
  /// sessions. A renewed session without a user counts as a new one.
  std::size_t max_anonymous_sessions = 0;
};

/// Sessions in a buntdb database: fast as memory, and there again after a restart. The key is the
/// session's id, the value its payload, so that the database's indexes and tools can be used on
/// them (before the payload of a user's session that is no JSON, as of gob_codec, the value has
/// `{"user":"…"}` and a NUL); how durable a commit is, the database's sync policy says.
///
/// An expiry is kept to the nanosecond in memory; in the file it is cut to a whole second, so that
/// a restart may end a session up to a second early, never late.
///
/// Failures are buntdb::error, but for errc::store_full when the database has reached its limit of
/// memory (buntdb::options::max_memory_bytes): new sessions are refused then, and sessions that
/// become larger. Logouts, revocations and the extension of lives go on.
class BUNTSTORE_PUBLIC bunt final : public nonblocking_store,
                                    public durable_erasures,
                                    public expiry_reports,
                                    public counting_store {
 public:
  /// The database must outlive the store. Other data and other stores may live in it.
  explicit bunt(buntdb::database& db, bunt_options options = {});
  ~bunt() override;

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;

  /// See buntdb::transaction::try_commit() for when this is granted: under a sync policy other than
  /// `always`, while nobody else writes, and no sync or compaction is under way. What may then
  /// still take its time is write(2) into the system's page cache: the system holds it up when more
  /// was written to disks than they can take.
  std::optional<commit_result> try_commit(const session_id& id, std::string_view payload,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user) override;
  std::optional<bool> try_touch(const session_id& id, time_point expiry) override;

  std::optional<record> erase(const session_id& id) override;

  /// Visits what was there when it began. Of the database's other keys, only those that look like a
  /// session's id or that of a user's watermark (after the prefix) are taken for one.
  void for_each(const visitor& visit_record) override;

  /// Finds a user's sessions by the value's member "user": a payload that begins as a JSON object
  /// must have it, as json_codec writes it; before any other payload it is put. By an index
  /// "scs:users:PREFIX" of the database, which is made when the first session with a user is stored
  /// or asked for, or, with max_anonymous_sessions, by the constructor; of a database that has
  /// items already, concurrently with other readers and writers.
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// Keys that begin with the prefix and `h:`, without looking at items.
  std::optional<std::uint64_t> count() override;

  /// Syncs the database's file, unless it was since the last erasure, or its sync policy is
  /// `never`: then whoever chose it accepts that a power cut brings sessions back.
  void sync_erasures() override;

  /// By the database's hook expiry_hooks::on_expired, to which the first call adds; another one
  /// that is set there stays in force. What expired while the database was closed is not reported,
  /// nor anything after the application has replaced the hook.
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
  /// Erasures and revocations that are committed, and how many of them are known to be on disk.
  std::atomic<std::uint64_t> erasures_{0};
  std::atomic<std::uint64_t> synced_erasures_{0};
};

}  // namespace scs::stores
