#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <buntdb/clock.hpp>
#include <buntdb/options.hpp>
#include <buntdb/range.hpp>

namespace buntdb {

/// An item with all that the database knows of it.
struct found_item {
  std::string_view value;  ///< lives as long as what get() gives
  /// time_point::max() if it does not expire.
  time_point expires_at;
  /// Another number after every commit that set the key, but not after one that only changed its
  /// expiry: what an optimistic update compares. It grows as long as the database is open, and
  /// begins anew with the next open.
  std::uint64_t revision;
};

/// What a snapshot and a transaction have in common: reading one state of the database, at one
/// moment. Take a `const buntdb::reader&` to accept either.
///
/// All functions throw error(errc::transaction_ended) on a transaction that was committed or rolled
/// back, or a snapshot that was moved from.
class reader {
 public:
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  /// The value, or empty if there is none or it has expired. The view lives as long as the
  /// snapshot; in a transaction until that key is next written or the transaction ends.
  std::optional<std::string_view> get(std::string_view key) const&;
  std::optional<std::string_view> get(std::string_view key) const&& = delete;

  /// The same, with the item's expiry and revision.
  std::optional<found_item> find(std::string_view key) const&;
  std::optional<found_item> find(std::string_view key) const&& = delete;

  /// Whether get() would give a value.
  bool contains(std::string_view key) const;

  /// How long the item has still to live at now(): `forever` if it does not expire, empty if there
  /// is no such item.
  std::optional<std::chrono::nanoseconds> ttl(std::string_view key) const;

  /// The number of items in constant time; expired ones count until the sweep has removed them,
  /// within a second.
  std::uint64_t size() const;

  /// The moment that decides what has expired: when the snapshot or the transaction began.
  time_point now() const noexcept { return now_; }

  /// Items in ascending order of their keys, compared as bytes.
  range ascend(const bounds& bounds = {}) const&;
  range ascend(const bounds& bounds = {}) const&& = delete;

  /// Items in descending order of their keys.
  range descend(const bounds& bounds = {}) const&;
  range descend(const bounds& bounds = {}) const&& = delete;

 protected:
  reader(const engine::version* version, const engine::write_state* writing,
         time_point now) noexcept
      : version_(version), writing_(writing), now_(now) {}
  reader(reader&& other) noexcept;
  reader& operator=(reader&& other) noexcept;
  ~reader() = default;

  const engine::version& version() const;
  const engine::item* live_item(std::string_view key) const;

  const engine::version* version_;      // null: ended
  const engine::write_state* writing_;  // null in a snapshot
  time_point now_;
};

}  // namespace buntdb
