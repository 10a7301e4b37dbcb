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

/// A found_item that owns its value.
struct copied_item {
  std::string value;
  time_point expires_at;
  std::uint64_t revision;
};

/// An entry that owns its key and its value.
struct copied_entry {
  std::string key;
  std::string value;
};

/// Whether an item that has expired, but that nobody has removed yet, is seen.
enum class expired_items { excluded, included };

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
  /// snapshot; in a transaction until that key is next written or the transaction ends. Of a
  /// temporary, such as `db.begin_read().get(key)`, a copy.
  std::optional<std::string_view> get(std::string_view key,
                                      expired_items expired = expired_items::excluded) const&;
  std::optional<std::string> get(std::string_view key,
                                 expired_items expired = expired_items::excluded) const&&;

  /// The value as one of your types, which value_codec reads. Throws errc::wrong_type if it is
  /// none.
  template <class Value>
  std::optional<Value> get(std::string_view key) const {
    return detail::decoded<Value>(key, value_of(key));
  }

  /// The same as get(), with the item's expiry and revision.
  std::optional<found_item> find(std::string_view key,
                                 expired_items expired = expired_items::excluded) const&;
  std::optional<copied_item> find(std::string_view key,
                                  expired_items expired = expired_items::excluded) const&&;

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

  /// The items of an ordered index, in its order; the empty name stands for the keys. Bounds are
  /// values, compared as the index compares: with an index by_json("age"), `{"age":30}`; or what
  /// its leading orderings find: `first_parts(30)`. See bound and bounds::prefix.
  /// Throws errc::index_not_found, errc::wrong_index_kind; errc::invalid_argument for a bound that
  /// the index cannot compare.
  range ascend(std::string_view index, const bounds& bounds = {}) const&;
  range ascend(std::string_view index, const bounds& bounds = {}) const&& = delete;
  range descend(std::string_view index, const bounds& bounds = {}) const&;
  range descend(std::string_view index, const bounds& bounds = {}) const&& = delete;

  /// The items that the index takes for equal to this value or these parts, in its order. Throws as
  /// ascend() does.
  range equal(std::string_view index, const bound& what) const&;
  range equal(std::string_view index, const bound& what) const&& = delete;

  /// The first of them; empty if there is none. Views as of get(); of a temporary, a copy.
  std::optional<entry> first_equal(std::string_view index, const bound& what) const&;
  std::optional<copied_entry> first_equal(std::string_view index, const bound& what) const&&;

  /// How many items there are within the bounds, in an index or among the keys. Takes some
  /// microseconds for a thousand of them: it looks at no item but those at the bounds, so that
  /// those which have expired and were not removed yet count. Throws as ascend() does.
  std::uint64_t count(const bounds& bounds) const;
  std::uint64_t count(std::string_view index, const bounds& bounds = {}) const;

  /// Items whose keys match the pattern (see index_options), in order of their keys. Only keys that
  /// begin like the pattern's literal beginning are looked at. Throws what matches() throws.
  range ascend_matching(std::string_view pattern) const&;
  range ascend_matching(std::string_view pattern) const&& = delete;
  range descend_matching(std::string_view pattern) const&;
  range descend_matching(std::string_view pattern) const&& = delete;

  /// The items of a spatial index whose rectangles overlap the area or touch it, in no particular
  /// order. Where one of the two has more dimensions, those do not count. The text is read as the
  /// index reads values. Throws errc::index_not_found, errc::wrong_index_kind;
  /// errc::invalid_argument for a text that is no rectangle.
  intersects_range intersects(std::string_view index, const rect& area) const&;
  intersects_range intersects(std::string_view index, const rect& area) const&& = delete;
  intersects_range intersects(std::string_view index, std::string_view area) const&;
  intersects_range intersects(std::string_view index, std::string_view area) const&& = delete;

  /// The items of a spatial index by their distance from a point or rectangle, the nearest first:
  /// the square of the distance between the two rectangles, 0 if they overlap. Stop when there are
  /// enough. Errors as above.
  nearby_range nearby(std::string_view index, const rect& center) const&;
  nearby_range nearby(std::string_view index, const rect& center) const&& = delete;
  nearby_range nearby(std::string_view index, std::string_view center) const&;
  nearby_range nearby(std::string_view index, std::string_view center) const&& = delete;

  /// The names of all indexes, in order.
  std::vector<std::string> indexes() const;

  /// What an index is, its orderings and its rectangle function included; empty if there is none.
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

  const engine::version* version_;  // null: ended
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
