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
  /// From the beginning of the transaction. Zero or less: the item has expired already.
  std::optional<time_to_live> ttl = {};
  /// Instead of ttl; naming both is errc::invalid_argument. In the file it has whole seconds,
  /// rounded down: after a reopen the item may end up to a second early, never late.
  /// time_point::max() is never.
  std::optional<expiry_time> expires_at = {};
  /// Whether the item is stored although the limit of memory has been reached
  /// (options::max_memory_bytes): for what must not fail, such as a record that something is over.
  bool beyond_limit = false;
};

/// How increment() stores a number.
struct increment_options {
  /// Of an item that was not there. An item that was there keeps its expiry.
  std::optional<time_to_live> ttl_if_new = {};
};

/// Changes that happen all or not at all. There is one at a time; it reads its own changes, nobody
/// else sees them before commit() has returned. The end of its scope rolls it back.
///
/// Moved, not copied; used by one thread at a time; must not outlive the database. Arguments may
/// point into stored data.
///
/// Besides what is said of each function, all of them throw error(errc::transaction_ended) when the
/// transaction has ended, or when memory ran out inside an earlier change, which then cannot be
/// committed any more.
class transaction : public reader {
 public:
  transaction(transaction&& other) noexcept;
  transaction& operator=(transaction&& other) noexcept;
  /// Rolls back, unless commit() has been called.
  ~transaction();

  /// Stores the item, instead of one with this key if there is one. Gives the value it replaced, if
  /// that had not expired; the view lives until the next change in this transaction.
  /// Throws errc::reserved_key, errc::too_large (limits.hpp), errc::full, errc::not_unique or
  /// errc::invalid_argument, and has then changed nothing. Not for a temporary transaction, which
  /// would roll back.
  std::optional<std::string_view> set(std::string_view key, std::string_view value,
                                      const set_options& options = {}) &;

  /// Stores the value as value_codec writes it. Throws what set() and the codec throw.
  template <class Value>
  void put(std::string_view key, const Value& value, const set_options& options = {}) & {
    set(key, detail::encoded(value), options);
  }

  /// Changes when the item expires and nothing else; without options it no longer does. False if
  /// there is no such item. Throws errc::full, errc::invalid_argument, or errc::not_unique for an
  /// item that lives again because the clock was set back. (In the file, this is a set like any
  /// other.)
  bool set_expiry(std::string_view key, const set_options& options);

  /// Removes the item; gives its value, or empty if there was none or it had expired. The view
  /// lives until the next change in this transaction.
  std::optional<std::string_view> erase(std::string_view key) &;

  /// Adds to the number that the item holds, a 64-bit integer in decimal digits, and returns the
  /// sum; an absent item counts as 0. Throws errc::invalid_argument if the value is no such number
  /// or the sum does not fit, and what set() throws; nothing has changed then.
  std::int64_t increment(std::string_view key, std::int64_t by = 1,
                         const increment_options& options = {});

  /// Stores the item if there is none, and returns whether it did. Throws what set() throws.
  bool set_if_absent(std::string_view key, std::string_view value, const set_options& options = {});

  /// The value of the item. If there is none, stores this one and returns it. Throws what set()
  /// throws.
  std::string get_or_set(std::string_view key, std::string_view value,
                         const set_options& options = {});

  /// Stores the item if its value is the expected one (empty: if there is none), and returns
  /// whether it did. Throws what set() throws.
  bool compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                       std::string_view value, const set_options& options = {});

  /// The revision (found_item::revision) of every item that this transaction sets.
  std::uint64_t revision() const;

  /// Erases every item. The indexes stay, empty.
  void clear();

  /// Makes an index of the items that match its pattern, now and from now on. Takes time by how
  /// many there are, while no other thread can write: database::create_index() keeps nobody
  /// waiting. Throws errc::index_exists (see index_options::if_exists), errc::not_unique,
  /// errc::invalid_argument, and has then changed nothing; and what user-supplied functions throw.
  void create_index(std::string_view name, const index_options& options);
  void create_spatial_index(std::string_view name, const spatial_index_options& options);

  /// False if there is no such index; errc::invalid_argument for the empty name.
  bool drop_index(std::string_view name);

  /// Makes the changes permanent, as far as the sync policy promises, and visible. If it throws,
  /// nothing of the transaction is in the database, with one exception: after a failed sync
  /// (errc::writes_stopped) what the file holds is known only after the next open. The transaction
  /// has ended either way.
  void commit();

  /// The same for a thread that must not wait, such as that of an event loop: commits if nothing is
  /// to be waited for, and gives false otherwise, with the transaction as it was. True takes one
  /// write(2) into the system's page cache and memory work, and no sync begins meanwhile. False
  /// under sync_policy::always, while the file is being synced or a sync is late, while what an
  /// earlier commit wrote is not visible yet, while the database writes another file (compaction,
  /// save()), and before the first write to a file. Throws what commit() throws, but never for a
  /// failed sync of these changes: nothing of the transaction is in the database then.
  bool try_commit();

  /// The same without waiting: the changes are in the file and the next transaction builds on them
  /// when this returns, and done is called when commit() would have returned: with a null pointer
  /// when they are as permanent as the sync policy promises, and visible; with what commit() would
  /// have thrown after a failed sync. If this function itself throws, nothing of the transaction is
  /// in the database, and done is not called.
  ///
  /// One thread of the database's own calls, in the order of the commits, one at a time, and for
  /// all commits before close() or the destructor returns. So done should be short. It may use the
  /// database, but not close or destroy it (close() throws errc::nested_transaction), and must not
  /// wait for another commit_then() or commit_async(). What it throws is reported as an event.
  ///
  /// Under sync_policy::always, all commits that are under way share the next sync: a single thread
  /// that keeps many of them under way commits as many a second as many threads do. How many there
  /// are is for the caller to bound: each keeps what it replaced in memory until it is visible.
  void commit_then(std::function<void(std::exception_ptr)> done);

  /// The same with a future, which may be dropped: its destructor does not wait.
  std::future<void> commit_async();

  /// Forgets the changes. Harmless on a transaction that has ended.
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
