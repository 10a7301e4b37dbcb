#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/detail/value_codec.hpp>
#include <buntdb/expiry.hpp>
#include <buntdb/index.hpp>
#include <buntdb/range.hpp>
#include <buntdb/rect.hpp>
#include <buntdb/spatial_range.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// An item with all that the database knows about it.
struct found_item {
  std::string_view value;  ///< valid as long as what get() returns
  /// When the item expires; time_point::max() if it does not.
  time_point expires_at;
  /// A number that changes with every commit that sets the key, but not with one that changes only
  /// its expiry. An optimistic update compares it. It grows as long as the database is open, and
  /// starts again when the database is opened the next time.
  std::uint64_t revision;
};

/// A found_item that owns its value.
struct copied_item {
  /// The value of the item.
  std::string value;
  /// See found_item::expires_at.
  time_point expires_at;
  /// See found_item::revision.
  std::uint64_t revision;
};

/// An entry that owns its key and its value.
struct copied_entry {
  /// The key of the item.
  std::string key;
  /// The value of the item.
  std::string value;
};

/// Whether a read sees items that have expired but have not been removed yet.
enum class expired_items { excluded, included };

/// The functions that snapshots and transactions have in common. They read the state of the
/// database at one moment. Take a `const buntdb::reader&` to accept either.
///
/// All functions throw error(errc::transaction_ended) on a transaction that was committed or rolled
/// back, and on a snapshot that was moved from.
class reader {
 public:
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  /// Returns the value, or nothing if there is no such item or it has expired. In a snapshot, the
  /// view is valid as long as the snapshot lives. In a transaction, it is valid until that key is
  /// next written or the transaction ends. On a temporary, as in `db.begin_read().get(key)`, the
  /// result is a copy.
  std::optional<std::string_view> get(std::string_view key,
                                      expired_items expired = expired_items::excluded) const&;
  /// Returns a copy of the value, because the view would not outlive the temporary.
  std::optional<std::string> get(std::string_view key,
                                 expired_items expired = expired_items::excluded) const&&;

  /// Returns the value as a user-defined type, decoded by value_codec. Throws errc::wrong_type if
  /// the value is not of that type.
  template <class Value>
  std::optional<Value> get(std::string_view key) const {
    return detail::decoded<Value>(key, value_of(key));
  }

  /// Like get(), with the item's expiry and revision.
  std::optional<found_item> find(std::string_view key,
                                 expired_items expired = expired_items::excluded) const&;
  /// Returns a copy of the item, because the view would not outlive the temporary.
  std::optional<copied_item> find(std::string_view key,
                                  expired_items expired = expired_items::excluded) const&&;

  /// Returns whether get() would return a value.
  bool contains(std::string_view key) const;

  /// Returns the remaining life of the item at now(): `forever` if it does not expire, and nothing
  /// if there is no such item.
  std::optional<std::chrono::nanoseconds> ttl(std::string_view key) const;

  /// Returns the number of items. Takes constant time. Expired items count until the sweep has
  /// removed them, which takes at most a second.
  std::uint64_t size() const;

  /// Returns the moment at which the snapshot or the transaction began. It decides which items have
  /// expired.
  time_point now() const noexcept { return now_; }

  /// Returns the items in ascending order of their keys, compared as bytes.
  range ascend(const bounds& bounds = {}) const&;
  range ascend(const bounds& bounds = {}) const&& = delete;

  /// Returns the items in descending order of their keys.
  range descend(const bounds& bounds = {}) const&;
  range descend(const bounds& bounds = {}) const&& = delete;

  /// Returns the items of an ordered index, in its order. The empty name stands for the keys. A
  /// bound is a value, compared as the index compares values: for an index by_json("age"),
  /// `{"age":30}`. It can also be what the leading orderings extract: `first_parts(30)`. See bound
  /// and bounds::prefix. Throws errc::index_not_found, errc::wrong_index_kind, or
  /// errc::invalid_argument for a bound that the index cannot compare.
  range ascend(std::string_view index, const bounds& bounds = {}) const&;
  range ascend(std::string_view index, const bounds& bounds = {}) const&& = delete;
  /// Like ascend(), in the reverse of the index's order.
  range descend(std::string_view index, const bounds& bounds = {}) const&;
  range descend(std::string_view index, const bounds& bounds = {}) const&& = delete;

  /// Returns the items that the index considers equal to this value or these parts, in its order.
  /// Throws what ascend() throws.
  range equal(std::string_view index, const bound& what) const&;
  range equal(std::string_view index, const bound& what) const&& = delete;

  /// Returns the first of the items that equal() returns, or nothing if there is none. The views
  /// are valid as long as those of get(). On a temporary, the result is a copy. Throws what
  /// ascend() throws.
  std::optional<entry> first_equal(std::string_view index, const bound& what) const&;
  /// Returns a copy, because the views would not outlive the temporary.
  std::optional<copied_entry> first_equal(std::string_view index, const bound& what) const&&;

  /// Returns the number of keys within the bounds. Takes some microseconds per thousand items,
  /// because it reads no items except those at the bounds. So items that have expired but have not
  /// been removed yet are counted. Throws what ascend() throws.
  std::uint64_t count(const bounds& bounds) const;
  /// Returns the number of items of an index within the bounds, in the same way.
  std::uint64_t count(std::string_view index, const bounds& bounds = {}) const;

  /// Returns the items whose keys match the pattern (see index_options), in ascending order of
  /// their keys. Only keys that begin with the literal beginning of the pattern are read. Throws
  /// what matches() throws.
  range ascend_matching(std::string_view pattern) const&;
  range ascend_matching(std::string_view pattern) const&& = delete;
  /// Like ascend_matching(), in descending order of the keys.
  range descend_matching(std::string_view pattern) const&;
  range descend_matching(std::string_view pattern) const&& = delete;

  /// Returns the items of a spatial index whose rectangles overlap or touch the area, in no
  /// particular order. If one of the two has more dimensions, the additional ones are ignored. A
  /// text is read as the index reads values. Throws errc::index_not_found, errc::wrong_index_kind,
  /// or errc::invalid_argument for a text that is not a rectangle.
  intersects_range intersects(std::string_view index, const rect& area) const&;
  intersects_range intersects(std::string_view index, const rect& area) const&& = delete;
  /// Like intersects() with a rectangle, for the rectangle that this text describes.
  intersects_range intersects(std::string_view index, std::string_view area) const&;
  intersects_range intersects(std::string_view index, std::string_view area) const&& = delete;

  /// Returns the items of a spatial index ordered by their distance from a point or rectangle, the
  /// nearest first. The distance is the square of the distance between the two rectangles, and 0 if
  /// they overlap. Stop iterating when you have enough. Throws what intersects() throws.
  nearby_range nearby(std::string_view index, const rect& center) const&;
  nearby_range nearby(std::string_view index, const rect& center) const&& = delete;
  /// Like nearby() with a rectangle, for the rectangle that this text describes.
  nearby_range nearby(std::string_view index, std::string_view center) const&;
  nearby_range nearby(std::string_view index, std::string_view center) const&& = delete;

  /// Returns the names of all indexes, in ascending order.
  std::vector<std::string> indexes() const;

  /// Returns the description of an index, including its orderings and its rectangle function.
  /// Returns nothing if there is no index of this name.
  std::optional<index_info> index(std::string_view name) const;

 protected:
  reader(const engine::version* version, engine::write_state* writing, time_point now) noexcept
      : version_(version), writing_(writing), now_(now) {}
  reader(reader&& other) noexcept;
  reader& operator=(reader&& other) noexcept;
  ~reader() = default;

  const engine::version& version() const;
  const engine::item* live_item(std::string_view key) const;
  const engine::item* item_of(std::string_view key, expired_items expired) const;

  const engine::version* version_;  // null: the transaction has ended
  engine::write_state* writing_;    // null in a snapshot
  time_point now_;

 private:
  enum class index_kind { ordered, spatial };
  std::shared_ptr<const engine::index_definition> find_index(std::string_view name,
                                                             index_kind kind) const;
  range matching(std::string_view pattern, range::direction towards) const;
  std::optional<std::string_view> value_of(std::string_view key) const { return get(key); }
  rect area_of(std::string_view index, std::string_view text) const;
  template <class Range>
  Range around(std::string_view index, const rect& area) const;
};

namespace detail {
template <>
struct is_view<found_item> : std::true_type {};
template <>
struct is_view<reader> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
