#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/store_reports.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>

namespace scs::stores {

/// The type of the column that keeps payloads.
enum class payload_column {
  /// Keeps every byte unchanged, whatever the codec writes.
  bytea,
  /// For json_codec only: SQL can read sessions (`payload->'data'->>'key'`). PostgreSQL keeps the
  /// meaning of the JSON, not its bytes: the order of members and the spelling of numbers may
  /// change (1e2 becomes 100). It cannot store U+0000 in a text: errc::invalid_value.
  jsonb,
};

/// How statements are sent to the server. Either way takes one round trip.
enum class statement_mode {
  /// Prepared once for each connection, so that the server parses and plans each statement once.
  prepared,
  /// Parsed each time. For connections through a pooler that uses another server connection for
  /// every transaction and does not track prepared statements (pgbouncer with pool_mode =
  /// transaction, before 1.21 or with max_prepared_statements = 0).
  unprepared,
};

/// The format of a session in the table.
enum class postgres_records {
  /// This library's own format, with the user and a revision.
  scs,
  /// The format of Go's SCS v2 (packages postgresstore and pgxstore): columns `token`, `data` and
  /// `expiry`. For a site that migrates from SCS: as the store that `moving` moves from, or while
  /// servers in Go use the same sessions. It requires id_mode::raw. Listing a user's sessions reads
  /// all sessions and takes the user from what gob_codec or json_codec wrote. A commit does not
  /// detect a conflict if the expected payload has returned in the meantime. Expiries are kept to
  /// the microsecond. Cleaning is slow without an index of them.
  scs_v2,
};

/// What happens when the table does not exist.
enum class missing_table {
  /// migrate() creates it with its indexes, and so does a store that needs the table and has never
  /// seen it. If the table existed before and disappears, that is errc::store_failed.
  create,
  /// errc::store_failed, also from migrate(): somebody else creates the table.
  refuse,
};

/// How a postgres store uses its database.
struct BUNTSTORE_PUBLIC postgres_options {
  /// The connection string of libpq: `host=db.example dbname=app user=app password=…` or
  /// `postgresql://…`. Values that it does not contain come from libpq's environment variables,
  /// such as PGHOST and PGPASSWORD. Of several hosts, the one that answered last is tried first.
  /// Each gets its share of the timeout, but at most `connect_timeout`.
  /// `target_session_attrs=read-write` finds the primary among them.
  std::string connection{};

  /// The table's name, optionally with a schema: `app.sessions`. It consists of letters, digits,
  /// underscores and hyphens.
  std::string table = "sessions";
  /// The type of the payload's column.
  payload_column payload = payload_column::bytea;
  /// The format of sessions.
  postgres_records records = postgres_records::scs;
  /// What happens when the table does not exist.
  missing_table if_missing = missing_table::create;
  /// How statements are sent.
  statement_mode statements = statement_mode::prepared;

  /// The greatest number of connections. A connection is opened when all others are busy, and kept
  /// while it is used at least once a minute.
  std::size_t max_connections = 8;
  /// The total time of one call, which includes waiting for a connection, opening it, the query and
  /// its repetitions. The slow calls of one request share it (timed_call). The server cancels a
  /// statement slightly earlier (statement_timeout), unless `connection` sets another time. Only
  /// the resolution of a host's name is not limited by it; use `hostaddr` if that matters.
  std::chrono::milliseconds timeout{5000};

  /// How often a thread of the store removes expired records. Zero: never, and there is no such
  /// thread. Call remove_expired() in that case.
  std::chrono::milliseconds clean_every = std::chrono::minutes{1};
  /// How many records one DELETE removes at most.
  std::size_t clean_batch = 1000;
  /// Called when cleaning fails. The next cleaning takes place nevertheless. It is called on the
  /// store's thread. Exceptions that it throws are dropped.
  std::function<void(std::exception_ptr)> on_cleaning_failed{};

  /// How much the database's clock may differ from this machine's. A connection to a database that
  /// differs more is refused. Zero: no connection is refused. By default it is a quarter of the
  /// manager's idle timeout, but at least five seconds; without an idle timeout, a minute. A
  /// difference of a second is already a warning (event_kind::store_warning). The clocks are
  /// compared when a connection is made, and every ten seconds while it is used.
  std::optional<std::chrono::milliseconds> max_clock_skew{};

  /// The clock by which records expire. Null: the database's clock, which all web servers share. It
  /// must outlive the store.
  const scs::clock* clock = nullptr;
};

/// Sessions in a table of PostgreSQL, or of a database with a compatible protocol and SQL. See
/// docs/store-postgres.md.
///
/// Each find, touch and erase takes one round trip, and so does a commit (two if it was refused),
/// and loading a session with its user's watermark. Expiry is determined by the database's clock,
/// and kept to the nanosecond. A connection's role and time are checked when it is made, after 15
/// seconds without use, and every ten seconds while it is used. An erasure that finds nothing takes
/// a second round trip, which waits for a synchronous standby.
///
/// Errors: functions throw scs::error (store_failed), with the server's own message and SQLSTATE,
/// within the timeout. When the database cannot be reached, calls fail immediately until the next
/// attempt, which is due after a tenth of a second at first and after two seconds at most. When the
/// database is available again, so is the store. Statements that the server rolls back because of a
/// conflict (SQLSTATE 40001, 40P01) are repeated. A find and a touch are also repeated, over a new
/// connection, if their connection was lost or has not answered within half of the timeout. A
/// commit and an erasure are not repeated: the caller does not know then whether they took place.
///
/// Thread safety: any number of threads may call any function at the same time. Make the store
/// after fork(), not before.
class BUNTSTORE_PUBLIC postgres final : public store,
                                        public store_clock,
                                        public watermark_finder,
                                        public counting_store,
                                        public store_reports {
 public:
  /// Does not connect yet; migrate() does. Throws scs::error (invalid_options), whose message names
  /// the option.
  explicit postgres(postgres_options options);
  /// Waits for a cleaning that is running, at most for one timeout.
  ~postgres() override;

  /// Checks that the table and its indexes exist, and creates what is missing, unless the options
  /// forbid it. Call it at the start, so that a wrong password fails then and not during a request.
  /// Several servers may call it at the same time. Throws scs::error.
  void migrate();

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;
  /// Takes one query.
  session_with_watermark find_with_watermark(const session_id& id) override;
  /// Returns the server's time.
  time_point engine_time(const session_id& id) override;

  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Reads the table in steps, in the order of the ids. It holds no connection during a call of the
  /// visitor.
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// Returns the exact number, by the index of expiries. It takes about a tenth of a second for a
  /// million sessions.
  std::optional<std::uint64_t> count() override;

  /// Removes at most clean_batch records that expired at least a minute ago, by the database's
  /// clock and the store's, and returns how many it removed. Any number of servers may call it at
  /// the same time: each skips the records that another one is removing.
  std::size_t remove_expired();

 private:
  class implementation;

  std::unique_ptr<implementation> impl_;
};

}  // namespace scs::stores
