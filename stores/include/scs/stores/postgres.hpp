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
  /// Every byte as it is, whatever the codec writes.
  bytea,
  /// For json_codec only: SQL can look into sessions (`payload->'data'->>'key'`). PostgreSQL keeps
  /// what the JSON says, not its bytes: members change their order, numbers their spelling (1e2
  /// comes back as 100). It cannot keep U+0000 in a text: errc::invalid_value.
  jsonb,
};

/// How SQL gets to the server. Either takes one round trip.
enum class statement_mode {
  /// Prepared once a connection, so that the server parses and plans once.
  prepared,
  /// Parsed each time: for connections through a pooler that gives every transaction another
  /// server connection and does not track prepared statements (pgbouncer with pool_mode =
  /// transaction, before 1.21 or with max_prepared_statements = 0).
  unprepared,
};

/// What a session is in the table.
enum class postgres_records {
  /// This library's own: with the user and a revision.
  scs,
  /// Those of Go's SCS v2 (packages postgresstore and pgxstore): columns `token`, `data` and
  /// `expiry`. For a site that comes from there: as the store that `moving` moves from, or while
  /// servers in Go use the same sessions. It takes id_mode::raw. A listing of a user's sessions
  /// goes
  /// through all sessions; whose they are it reads from what gob_codec and json_codec write. A
  /// commit is no conflict if the payload that it expects has come back meanwhile. Expiries are
  /// kept
  /// to the microsecond, and cleaning is slow without an index of them.
  scs_v2,
};

/// What happens when the table is not there.
enum class missing_table {
  /// It is created, with its indexes, by migrate(), and when a store that has never seen it first
  /// needs it. One that was there and is not is errc::store_failed.
  create,
  /// errc::store_failed, by migrate(), too: somebody else creates it.
  refuse,
};

struct BUNTSTORE_PUBLIC postgres_options {
  /// libpq's: `host=db.example dbname=app user=app password=…` or `postgresql://…`. What it does
  /// not say comes from libpq's environment variables, such as PGHOST and PGPASSWORD. Of several
  /// hosts, the one that last answered is tried first. Each has its share of the timeout, and
  /// at most `connect_timeout`; `target_session_attrs=read-write` finds the primary among them.
  std::string connection{};

  /// Optionally with a schema: `app.sessions`. Letters, digits, underscores and hyphens.
  std::string table = "sessions";
  payload_column payload = payload_column::bytea;
  postgres_records records = postgres_records::scs;
  missing_table if_missing = missing_table::create;
  statement_mode statements = statement_mode::prepared;

  /// Connections at most; one is opened when all others are busy, and kept while it is used at
  /// least once a minute.
  std::size_t max_connections = 8;
  /// How long one call may take in all: waiting for a connection, opening it, asking, retrying; and
  /// the slow calls of one request together (timed_call). The server ends a statement a little
  /// before (statement_timeout), unless `connection` says another time.
  /// Only the resolution of a host's name is not bounded by it; give `hostaddr` where that matters.
  std::chrono::milliseconds timeout{5000};

  /// How often a thread of the store removes what has expired; zero: never, and there is no thread:
  /// then call remove_expired().
  std::chrono::milliseconds clean_every = std::chrono::minutes{1};
  /// How many records one DELETE removes at most.
  std::size_t clean_batch = 1000;
  /// Told of a cleaning that failed; the next one comes all the same. Called from the store's
  /// thread; what it throws is dropped.
  std::function<void(std::exception_ptr)> on_cleaning_failed{};

  /// How much the database's clock may differ from ours; a connection to one that differs more is
  /// refused. Zero: it is never refused. By default, a quarter of the manager's idle timeout, at
  /// least five seconds; without an idle timeout, a minute. A second is already a warning
  /// (event_kind::store_warning). The clocks are compared when a connection is made and every ten
  /// seconds of its use.
  std::optional<std::chrono::milliseconds> max_clock_skew{};

  /// By which records expire. Null: the database's, which all web servers share. Must outlive the
  /// store.
  const scs::clock* clock = nullptr;
};

/// Sessions in a table of a PostgreSQL database, or of one that speaks its language. See
/// docs/store-postgres.md.
///
/// One round trip for each find, commit (two if it was refused), touch and erase, and one to load a
/// session with its user's watermark. Expiry is judged by the database's clock, and kept to the
/// nanosecond. A connection is asked for its role and the time when it is made, after 15 seconds
/// without use, and every ten seconds of use. An erasure that finds nothing takes a second round
/// trip, which waits for a synchronous standby.
///
/// Failures are scs::error: store_failed with the server's own sentence and SQLSTATE, within the
/// timeout. When the database cannot be reached, calls fail at once until the next try, which is
/// due after a tenth of a second at first and two seconds at last. Once it is there again, so is
/// the store. Statements that the server takes back for a conflict (SQLSTATE 40001, 40P01) are
/// repeated; a find and a touch also, over a new connection, when theirs was lost or gives no
/// answer in half of the timeout. A commit and an erase are not: whether they took place is unknown
/// then.
///
/// Threads: as every store. Make it after fork(), not before.
class BUNTSTORE_PUBLIC postgres final : public store,
                                        public store_clock,
                                        public watermark_finder,
                                        public counting_store,
                                        public store_reports {
 public:
  /// Does not connect yet: migrate() does. Throws scs::error (invalid_options), naming the option.
  explicit postgres(postgres_options options);
  /// Waits for a cleaning that is under way, one timeout at most.
  ~postgres() override;

  /// Looks for the table and its indexes, and creates what is missing, unless the options refuse
  /// that. Call it at the start to hear of a wrong password then, and not from a visitor. Several
  /// servers may do so at once. Throws scs::error.
  void migrate();

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;
  /// By one query.
  session_with_watermark find_with_watermark(const session_id& id) override;
  /// The server's time.
  time_point engine_time(const session_id& id) override;

  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Reads the table in steps, in the order of the ids; holds no connection while it visits.
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// Exact, by the index of expiries: about a tenth of a second for a million sessions.
  std::optional<std::uint64_t> count() override;

  /// Removes at most clean_batch records that have been expired for a minute, by the database's
  /// clock and the store's, and returns how many. Any number of servers can do so at once: what one
  /// is removing, others pass over.
  std::size_t remove_expired();

 private:
  class implementation;

  std::unique_ptr<implementation> impl_;
};

}  // namespace scs::stores
