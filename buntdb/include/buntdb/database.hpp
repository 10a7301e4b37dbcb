#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>
#include <buntdb/held_item.hpp>
#include <buntdb/index.hpp>
#include <buntdb/options.hpp>
#include <buntdb/snapshot.hpp>
#include <buntdb/statistics.hpp>
#include <buntdb/subscription.hpp>
#include <buntdb/transaction.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
class core;
class instance;
class write_state;
struct database_access;
}  // namespace engine

/// An ordered key/value database in memory, with a file that keeps it. Used from any thread;
/// neither copied nor moved. It must outlive its snapshots and transactions (asserted).
///
/// Keys are any bytes, up to 65,535 of them, except those beginning with NUL "bunt:"; values are
/// any bytes, up to 512 MiB. One process at a time has a file open.
///
/// After close(), after fork() in the child, and where stated, functions throw error(errc::closed).
class database {
 public:
  /// Opens the file, or creates it (mode 0600), and loads it. Reads what BuntDB writes. What a
  /// power cut tore off the end is cut, kept beside the file in FILE.cut-OFFSET and reported as an
  /// event. While it waits for another process (options::lock_timeout), it loads what there is, so
  /// that little is left to be read when that one has closed the file. Throws error: errc::locked
  /// (naming the process that has it), errc::not_a_database,
  /// errc::corrupt (naming the offset; the file is unchanged), errc::invalid_argument for BuntDB's
  /// ":memory:", which in_memory() makes, or the operating system's.
  static database open(const std::filesystem::path& path, const options& options = {});

  /// The process that has the file open for writing, as far as the system tells (by /proc/locks, so
  /// not a process of another machine or container): the one to ask to close it, before an open
  /// with options::lock_timeout. Empty if there is none. Throws the operating system's error if the
  /// file cannot be opened.
  static std::optional<long> lock_holder(const std::filesystem::path& path);

  /// A database without a file.
  static database in_memory(const options& options = {});

  /// Closes, if close() was not called; what fails then is reported as an event. In a function that
  /// one of the database's own threads calls (a hook, or one given to commit_then()), another
  /// thread closes it, later: the file is not free yet when this returns.
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// A view of the database as it is now, never waiting for a writer.
  snapshot begin_read() const;

  /// The right to write, waiting for whoever has it. Throws errc::nested_transaction if the calling
  /// thread has it, errc::writes_stopped after a failed sync.
  transaction begin();

  /// The same, waiting no longer than that; empty if another thread kept writing.
  std::optional<transaction> try_begin_for(std::chrono::nanoseconds timeout);

  /// For a transaction that is to end with transaction::try_commit(), on a thread that must not
  /// block: the right to write if nobody has it, nor this thread. Empty otherwise, and where
  /// try_commit() would be refused as things are now: commits wait for the disk
  /// (sync_policy::always), or the database is writing another file. Never blocks.
  std::optional<transaction> try_begin();

  /// Calls the function with a snapshot and returns what it returns. That must not point into the
  /// snapshot: a type that shows it (detail::is_view) does not compile.
  template <class Function>
  auto view(Function&& function) const {
    using result = std::invoke_result_t<Function, const snapshot&>;
    static_assert(!std::is_reference_v<result> && !detail::is_view<std::remove_cv_t<result>>::value,
                  "the function returns a view or a reference, which would point into a snapshot "
                  "that is gone: return a copy, such as std::string");
    const snapshot view = begin_read();
    return std::forward<Function>(function)(view);
  }

  /// Calls the function with a transaction; commits when it returns, rolls back when it throws.
  /// Returns what the function returns, as view() does.
  template <class Function>
  auto update(Function&& function) {
    using result = std::invoke_result_t<Function, transaction&>;
    static_assert(
        !std::is_reference_v<result> && !detail::is_view<std::remove_cv_t<result>>::value,
        "the function returns a view or a reference, which would point into a transaction "
        "that is gone: return a copy, such as std::string");
    transaction tx = begin();
    if constexpr (std::is_void_v<result>) {
      std::forward<Function>(function)(tx);
      tx.commit();
    } else {
      auto value = std::forward<Function>(function)(tx);
      tx.commit();
      return value;
    }
  }

  /// The item that is there now, without a copy; empty if there is none or it has expired. Never
  /// waits for a writer. The fastest way to read one item: a snapshot has to fix its time when it
  /// begins; this asks the system's coarse clock, and the exact one only for an item that has less
  /// than a second to live. A clock of yours is always asked.
  std::optional<held_item> find(std::string_view key) const;

  /// One read, one write, one erase, each in a transaction of its own. Errors as in transaction.
  std::optional<std::string> get(std::string_view key) const;
  void set(std::string_view key, std::string_view value, const set_options& options = {});
  /// The same for values of your own types; see value_codec. get() throws errc::wrong_type if the
  /// item's value is none of that type.
  template <class Value>
  std::optional<Value> get(std::string_view key) const {
    const std::optional<held_item> found = find(key);
    return detail::decoded<Value>(key, found ? std::optional(found->value) : std::nullopt);
  }
  template <class Value>
  void put(std::string_view key, const Value& value, const set_options& options = {}) {
    set(key, detail::encoded(value), options);
  }
  /// Whether there was such an item.
  bool erase(std::string_view key);

  /// The transaction's functions of these names, each in a transaction of its own: no other
  /// thread's change comes between what they read and what they write.
  std::int64_t increment(std::string_view key, std::int64_t by = 1,
                         const increment_options& options = {});
  bool set_if_absent(std::string_view key, std::string_view value, const set_options& options = {});
  std::string get_or_set(std::string_view key, std::string_view value,
                         const set_options& options = {});
  bool compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                       std::string_view value, const set_options& options = {});

  /// The changes of the keys that match, commit by commit, as long as the subscription lives.
  /// Throws errc::invalid_argument for a pattern that has too many characters between its stars.
  subscription watch(const watch_options& options = {});

  /// Builds an index while readers and writers continue; it appears when it is complete. Throws
  /// errc::index_exists (see index_options::if_exists), errc::not_unique, errc::invalid_argument,
  /// what user-supplied functions throw, and as begin() and commit() do. Indexes are in memory
  /// only, unless index_options::persistent says otherwise.
  void create_index(std::string_view name, const index_options& options);
  void create_spatial_index(std::string_view name, const spatial_index_options& options);

  /// False if there is no such index.
  bool drop_index(std::string_view name);

  /// Returns when every commit that has returned is on disk, whatever the policy. Throws
  /// errc::writes_stopped or the operating system's error.
  void sync();

  /// Writes the file anew, without what has been overwritten and erased. Readers go on, and writers
  /// too but for a moment at the end. Returns when the new file is in place and on disk; if it
  /// throws, the old one is. In memory, does nothing. One at a time: a second call waits.
  void compact();

  /// Removes from the file and from beside it what is not in the database any more: compacts, and
  /// then removes what recoveries, repairs, copies and crashes have left of this database:
  /// FILE.cut-…, FILE.damaged-…, FILE.compact-… and FILE.save-…. Returns the paths of the files
  /// that it removed. What the disk, snapshots of the file system and backups keep is out of its
  /// reach. Throws what compact() throws, and the operating system's error; in memory, does
  /// nothing.
  std::vector<std::string> purge();

  /// Writes a copy of the database as it is now, which open() and load() read, as does BuntDB;
  /// nobody waits for it. Indexes only if they are kept (index_options::persistent). The stream
  /// should be a binary one; its failure is std::errc::io_error.
  void save(std::ostream& out) const;

  /// The same in a file (mode 0600), which is complete and on disk when this returns and has its
  /// name only then, instead of a file that had it; if it throws, nothing has changed.
  void save(const std::filesystem::path& path) const;

  /// Takes in such a copy, or a file of BuntDB's, in one transaction: its items are set, what else
  /// is there stays (unless the file says `flushdb`, as a log of BuntDB's may: then all that was
  /// there goes, as in BuntDB). Throws errc::corrupt for a copy that is damaged or torn, and has
  /// then changed nothing; and errc::not_unique where a unique index could not hold the outcome.
  /// Takes memory for all of it at once.
  void load(std::istream& in);
  void load(const std::filesystem::path& path);

  /// Calls the function with a copy of the settings, and then uses what it made of them, at once; a
  /// commit under way keeps the sync policy that it began with. One change at a time: the function
  /// must not call change(). Throws errc::invalid_argument, and what the function throws; the
  /// settings are then as they were.
  void change(const std::function<void(settings&)>& edit);
  settings current_settings() const;

  /// Waits for a writing transaction; errc::nested_transaction if it is this thread's own.
  statistics stats() const;

  /// Waits for a writing transaction to end, syncs and closes the file and gives up its lock.
  /// Throws if that sync fails, or an earlier one did (errc::writes_stopped): what was committed
  /// since the last sync that succeeded may be lost. The database is closed all the same. Snapshots
  /// that are still open stay readable. Closing twice is harmless.
  void close(const close_options& how = {});

 private:
  friend struct engine::database_access;

  explicit database(std::unique_ptr<engine::instance> instance) noexcept;
  static std::optional<transaction> begun(engine::core& core, engine::write_state* writing);

  std::unique_ptr<engine::instance> instance_;
};

}  // namespace buntdb
