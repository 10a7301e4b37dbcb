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

/// An ordered key/value database that is held in memory and kept in one file.
///
/// Any thread may use it; callers need no locks. It can be neither copied nor moved. It must
/// outlive its snapshots and transactions (asserted).
///
/// A key is any sequence of up to 65,535 bytes that does not begin with NUL "bunt:". A value is any
/// sequence of bytes, up to 512 MiB. One process at a time can open the file for writing.
///
/// After close(), and in the child process after fork(), functions throw error(errc::closed). They
/// also do so where their comments say it.
class database {
 public:
  /// Opens the file and loads it. Creates it, with mode 0600, if it does not exist. Files that
  /// BuntDB wrote can be read.
  ///
  /// If a power cut tore the end of the file off in the middle of a commit, the torn end is cut
  /// off, kept next to the file as FILE.cut-OFFSET, and reported as an event. While this function
  /// waits for another process (options::lock_timeout), it already loads what is there, so that
  /// little is left to read when that process has closed the file.
  ///
  /// Throws error: errc::locked (the message names the process that has the file open),
  /// errc::not_a_database, errc::corrupt (the message names the offset; the file is unchanged),
  /// errc::invalid_argument for BuntDB's ":memory:" (use in_memory()), or the operating system's
  /// error.
  static database open(const std::filesystem::path& path, const options& options = {});

  /// Returns the id of the process that has the file open for writing, or nothing if there is none.
  /// Use it before an open with options::lock_timeout, to ask that process to close the file. The
  /// answer comes from /proc/locks, so a process of another machine or container is not found.
  /// Throws the operating system's error if the file cannot be opened.
  static std::optional<long> lock_holder(const std::filesystem::path& path);

  /// Makes a database without a file.
  static database in_memory(const options& options = {});

  /// Closes the database if close() was not called. A failure is reported as an event. If a thread
  /// that the database started runs the destructor (in a hook, or in a function passed to
  /// commit_then()), another thread closes the database later: the file may then still be in use
  /// when the destructor returns.
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Returns a view of the database as it is now. Never waits for a writer.
  snapshot begin_read() const;

  /// Begins a transaction, which has the right to write. Waits until no other thread has that
  /// right. Throws errc::nested_transaction if the calling thread has it, and errc::writes_stopped
  /// after a failed sync.
  transaction begin();

  /// Like begin(), but waits no longer than `timeout`. Returns nothing if other threads kept
  /// writing.
  std::optional<transaction> try_begin_for(std::chrono::nanoseconds timeout);

  /// Begins a transaction that is to end with transaction::try_commit(), on a thread that must not
  /// block. Never blocks. Returns nothing if any thread, the calling one included, has the right to
  /// write. Also returns nothing if try_commit() would be refused in the present state: commits
  /// wait for the disk (sync_policy::always), or the database is writing another file.
  std::optional<transaction> try_begin();

  /// Calls the function with a snapshot and returns its result. The result must not point into the
  /// snapshot; a type that visibly does so (detail::is_view) does not compile.
  template <class Function>
  auto view(Function&& function) const {
    using result = std::invoke_result_t<Function, const snapshot&>;
    static_assert(!std::is_reference_v<result> && !detail::is_view<std::remove_cv_t<result>>::value,
                  "the function returns a view or a reference, which would point into a snapshot "
                  "that is gone: return a copy, such as std::string");
    const snapshot view = begin_read();
    return std::forward<Function>(function)(view);
  }

  /// Calls the function with a transaction. Commits when the function returns and rolls back when
  /// it throws. Returns the function's result, under the same condition as view().
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

  /// Returns the item as it is now, without copying it. Returns nothing if there is no such item or
  /// it has expired. Never waits for a writer.
  ///
  /// This is the fastest way to read one item. A snapshot must fix its time when it begins. This
  /// function instead reads the system's coarse clock, and the exact one only for an item that has
  /// less than a second to live. If you supply options::clock, that clock is asked each time.
  std::optional<held_item> find(std::string_view key) const;

  /// Reads one item, in a separate transaction. Returns a copy of the value, or nothing if there is
  /// no such item or it has expired. Throws what reader::get() throws.
  std::optional<std::string> get(std::string_view key) const;
  /// Stores one item, in a separate transaction. Throws what transaction::set() and
  /// transaction::commit() throw.
  void set(std::string_view key, std::string_view value, const set_options& options = {});
  /// Reads a value of a user-defined type; see value_codec. Throws errc::wrong_type if the item's
  /// value is not of that type.
  template <class Value>
  std::optional<Value> get(std::string_view key) const {
    const std::optional<held_item> found = find(key);
    return detail::decoded<Value>(key, found ? std::optional(found->value) : std::nullopt);
  }
  /// Stores a value of a user-defined type, in a separate transaction; see value_codec. Throws what
  /// transaction::put() and transaction::commit() throw.
  template <class Value>
  void put(std::string_view key, const Value& value, const set_options& options = {}) {
    set(key, detail::encoded(value), options);
  }
  /// Erases one item, in a separate transaction. Returns whether there was such an item. Throws
  /// what transaction::erase() and transaction::commit() throw.
  bool erase(std::string_view key);

  /// Calls transaction::increment() in a separate transaction: no other thread's change comes
  /// between the read and the write. Throws what that function and transaction::commit() throw.
  std::int64_t increment(std::string_view key, std::int64_t by = 1,
                         const increment_options& options = {});
  /// Calls transaction::set_if_absent() in a separate transaction, like increment().
  bool set_if_absent(std::string_view key, std::string_view value, const set_options& options = {});
  /// Calls transaction::get_or_set() in a separate transaction, like increment().
  std::string get_or_set(std::string_view key, std::string_view value,
                         const set_options& options = {});
  /// Calls transaction::compare_and_set() in a separate transaction, like increment().
  bool compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                       std::string_view value, const set_options& options = {});

  /// Watches the keys that match the options. The subscription receives their changes, commit by
  /// commit, as long as it lives. Throws errc::invalid_argument if the pattern has too many
  /// characters between its stars; see matches().
  subscription watch(const watch_options& options = {});

  /// Builds an index while readers and writers continue. The index appears when it is complete. An
  /// index is kept in memory only, unless index_options::persistent is set. Throws
  /// errc::index_exists (see index_options::if_exists), errc::not_unique, errc::invalid_argument,
  /// what user-supplied functions throw, and what begin() and commit() throw.
  void create_index(std::string_view name, const index_options& options);
  /// Like create_index(), for an index of rectangles.
  void create_spatial_index(std::string_view name, const spatial_index_options& options);

  /// Removes an index. Returns false if there is no index of this name. Throws what
  /// transaction::drop_index() and transaction::commit() throw.
  bool drop_index(std::string_view name);

  /// Returns when every commit that has returned is on disk, under any sync policy. Throws
  /// errc::writes_stopped or the operating system's error.
  void sync();

  /// Rewrites the file, without the values that have been overwritten or erased. Readers continue,
  /// and so do writers except for a moment at the end. Returns when the new file is in place and on
  /// disk. If it throws, the old file is still in place. Does nothing for a database in memory. One
  /// compaction runs at a time: a second call waits for the first.
  void compact();

  /// Removes data that is no longer in the database from the file and from the files next to it.
  /// Compacts the file, and then removes the files that recoveries, repairs, copies and crashes of
  /// this database left: FILE.cut-…, FILE.damaged-…, FILE.compact-… and FILE.save-…. Returns the
  /// paths of the removed files. It cannot reach what the disk itself, snapshots of the file system
  /// and backups keep. Throws what compact() throws, and the operating system's error. Does nothing
  /// for a database in memory.
  std::vector<std::string> purge();

  /// Writes a copy of the database as it is now. open() and load() read such a copy, and so does
  /// BuntDB. Readers and writers continue meanwhile. Of the indexes, only persistent ones
  /// (index_options::persistent) are in the copy. Open the stream in binary mode. A failure of the
  /// stream throws std::errc::io_error.
  void save(std::ostream& out) const;

  /// Writes such a copy to a file with mode 0600. When this returns, the file is complete and on
  /// disk. Only then does it get its name, and it replaces any file that had this name. If this
  /// throws, nothing has changed.
  void save(const std::filesystem::path& path) const;

  /// Loads a copy that save() wrote, or a file of BuntDB, in one transaction. Its items are set;
  /// other items stay. But if the file contains `flushdb`, as a log of BuntDB may, all earlier
  /// items are erased, as in BuntDB. Needs memory for the whole file at once. Throws errc::corrupt
  /// if the file is damaged or torn, and errc::not_unique if a unique index could not hold the
  /// result; nothing has changed then.
  void load(std::istream& in);
  /// Like load() from a stream, from the file at this path.
  void load(const std::filesystem::path& path);

  /// Calls the function with a copy of the settings, then applies the edited copy at once. A commit
  /// that is under way keeps the sync policy that it began with. Changes happen one at a time: the
  /// function must not call change(). Throws errc::invalid_argument, and what the function throws;
  /// the settings are then unchanged.
  void change(const std::function<void(settings&)>& edit);
  /// Returns a copy of the settings in use.
  settings current_settings() const;

  /// Returns figures about the database. Waits while another thread has a transaction. Throws
  /// errc::nested_transaction if the calling thread has one.
  statistics stats() const;

  /// Waits for a transaction to end, syncs and closes the file, and releases its lock. Snapshots
  /// that are still open stay readable. A second call does nothing.
  ///
  /// Throws if that sync fails or an earlier one failed (errc::writes_stopped): commits since the
  /// last successful sync may be lost. The database is closed in any case.
  void close(const close_options& how = {});

 private:
  friend struct engine::database_access;

  explicit database(std::unique_ptr<engine::instance> instance) noexcept;
  static std::optional<transaction> begun(engine::core& core, engine::write_state* writing);

  std::unique_ptr<engine::instance> instance_;
};

}  // namespace buntdb
