#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/expiry.hpp>
#include <buntdb/index.hpp>
#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
class core;
struct database_access;
}  // namespace engine

/// How an item is stored.
struct set_options {
  /// How long the item lives, counted from the beginning of the transaction. If it is zero or
  /// negative, the item has expired already.
  std::optional<time_to_live> ttl = {};
  /// When the item expires, instead of ttl; setting both is errc::invalid_argument.
  /// time_point::max() means never. The file stores whole seconds, rounded down: after the file is
  /// opened again, the item may expire up to a second early, but never late.
  std::optional<expiry_time> expires_at = {};
  /// Whether the item is stored even if the memory limit (options::max_memory_bytes) has been
  /// reached. For items that must be stored, such as a record that something has ended.
  bool beyond_limit = false;
};

/// How increment() stores a number.
struct increment_options {
  /// The time to live of an item that did not exist. An existing item keeps its expiry.
  std::optional<time_to_live> ttl_if_new = {};
};

/// A set of changes that take effect together or not at all.
///
/// There is at most one transaction at a time. It reads its own changes; other readers see them
/// only after commit() has returned. If the transaction is destroyed before a commit, it rolls
/// back.
///
/// It can be moved but not copied, is used by one thread at a time, and must not outlive the
/// database. Arguments may point into stored data.
///
/// In addition to what each function's comment says, all functions throw
/// error(errc::transaction_ended) if the transaction has ended. They also throw it if memory ran
/// out during an earlier change; the transaction can then no longer be committed.
class transaction : public reader {
 public:
  /// Takes over the other transaction, which has then ended.
  transaction(transaction&& other) noexcept;
  /// Rolls this transaction back, unless it has ended, and takes over the other one.
  transaction& operator=(transaction&& other) noexcept;
  /// Rolls back, unless commit() has been called.
  ~transaction();

  /// Stores the item, replacing the item that has this key. Returns the replaced value, or nothing
  /// if there was none or it had expired. The returned view is valid until the next change in this
  /// transaction.
  ///
  /// Throws errc::reserved_key, errc::too_large (see limits.hpp), errc::full, errc::not_unique or
  /// errc::invalid_argument; nothing has changed then. Cannot be called on a temporary transaction,
  /// which would roll the change back.
  std::optional<std::string_view> set(std::string_view key, std::string_view value,
                                      const set_options& options = {}) &;

  /// Stores the value as value_codec encodes it. Throws what set() and the codec throw.
  template <class Value>
  void put(std::string_view key, const Value& value, const set_options& options = {}) & {
    set(key, detail::encoded(value), options);
  }

  /// Changes when the item expires, and nothing else. With default options it no longer expires.
  /// Returns false if there is no such item. Throws errc::full, errc::invalid_argument, or
  /// errc::not_unique for an item that comes back to life because the clock was set back. In the
  /// file, this is recorded as a set of the whole item.
  bool set_expiry(std::string_view key, const set_options& options);

  /// Removes the item. Returns its value, or nothing if there was none or it had expired. The
  /// returned view is valid until the next change in this transaction.
  std::optional<std::string_view> erase(std::string_view key) &;

  /// Adds `by` to the number that the item holds, a 64-bit integer in decimal digits, and returns
  /// the sum. An absent item counts as 0. Throws errc::invalid_argument if the value is not such a
  /// number or the sum does not fit, and what set() throws; nothing has changed then.
  std::int64_t increment(std::string_view key, std::int64_t by = 1,
                         const increment_options& options = {});

  /// Stores the item if there is none with this key, and returns whether it did. Throws what set()
  /// throws.
  bool set_if_absent(std::string_view key, std::string_view value, const set_options& options = {});

  /// Returns the value of the item. If there is no such item, stores this value and returns it.
  /// Throws what set() throws.
  std::string get_or_set(std::string_view key, std::string_view value,
                         const set_options& options = {});

  /// Stores the item if its present value equals `expected`, and returns whether it did. An empty
  /// `expected` means that there must be no such item. Throws what set() throws.
  bool compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                       std::string_view value, const set_options& options = {});

  /// Returns the revision (found_item::revision) of every item that this transaction sets.
  std::uint64_t revision() const;

  /// Erases all items. The indexes remain, without items.
  void clear();

  /// Creates an index of the items that match its pattern. It covers existing and future items. The
  /// time grows with the number of items, and no other thread can write meanwhile;
  /// database::create_index() does not block other threads. Throws errc::index_exists (see
  /// index_options::if_exists), errc::not_unique or errc::invalid_argument; nothing has changed
  /// then. Also throws what user-supplied functions throw.
  void create_index(std::string_view name, const index_options& options);
  /// Like create_index(), for an index of rectangles.
  void create_spatial_index(std::string_view name, const spatial_index_options& options);

  /// Removes an index. Returns false if there is no index of this name. Throws
  /// errc::invalid_argument for the empty name.
  bool drop_index(std::string_view name);

  /// Makes the changes visible, and as durable as the sync policy promises. If it throws, none of
  /// the changes are in the database, with one exception: after a failed sync
  /// (errc::writes_stopped), what the file holds is known only when it is opened again. The
  /// transaction has ended in either case.
  void commit();

  /// Commits if that is possible without waiting, and returns whether it did. For a thread that
  /// must not wait, such as that of an event loop. After false, the transaction is unchanged and
  /// still open. A commit costs one write(2) into the system's page cache and work in memory; no
  /// sync begins meanwhile.
  ///
  /// Returns false under sync_policy::always; while the file is being synced or a sync is overdue;
  /// while the changes of an earlier commit are not visible yet; while the database writes another
  /// file (a compaction or save()); and before the first write to a file.
  ///
  /// Throws what commit() throws, except for a failed sync of these changes; none of the changes
  /// are in the database then.
  bool try_commit();

  /// Commits without waiting. When this returns, the changes are in the file, and the next
  /// transaction builds on them. `done` is called when commit() would have returned. Its argument
  /// is a null pointer when the changes are visible and as durable as the sync policy promises.
  /// After a failed sync, it is the exception that commit() would have thrown. If this function
  /// itself throws, none of the changes are in the database and `done` is not called.
  ///
  /// One thread of the database makes these calls, one at a time, in the order of the commits. All
  /// of them are made before close() or the destructor returns. So `done` should be short. It may
  /// use the database, but must not close it (close() throws errc::nested_transaction) or destroy
  /// it, and must not wait for another commit_then() or commit_async(). What it throws is reported
  /// as an event.
  ///
  /// Under sync_policy::always, all commits that are under way share the next sync. A single thread
  /// that keeps many of them under way therefore commits as fast as many threads. You must bound
  /// their number: until a commit is visible, the values it replaced stay in memory.
  void commit_then(std::function<void(std::exception_ptr)> done);

  /// Like commit_then(), with a future. The future's destructor does not wait.
  std::future<void> commit_async();

  /// Discards the changes and ends the transaction. Does nothing if it has ended.
  void rollback() noexcept;

 private:
  friend class database;
  friend struct engine::database_access;

  transaction(engine::core& core, engine::write_state& writing) noexcept;

  engine::write_state& writing() const;
  engine::write_state& end();
  bool let_go() noexcept;
  void add_index(const std::shared_ptr<const engine::index_definition>& definition,
                 existing_index existing);

  engine::core* core_;
};

namespace detail {
template <>
struct is_view<transaction> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
