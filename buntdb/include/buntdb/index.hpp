#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/entry.hpp>
#include <buntdb/ordering.hpp>
#include <buntdb/rect.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// What the creation of an index does if an index of that name exists.
enum class existing_index {
  refuse,  ///< throws errc::index_exists
  /// Replaces the old index when the new one is complete. Until then the old one is used.
  replace,
  keep,  ///< leaves the existing index unchanged, whatever its options are
};

/// Which items an ordered index contains, and in what order.
///
/// An item is in the index if its key matches the pattern: `*` stands for any bytes, `?` for one
/// character of UTF-8, and `\` makes the next character literal. A pattern costs nothing for items
/// whose keys do not begin with its literal beginning: prefer `user:*:name` to `*:name`.
struct index_options {
  /// The pattern that keys must match.
  std::string pattern = "*";
  /// Items are ordered by the first ordering. Items that are equal by it are ordered by the second
  /// one, and so on, and finally by key. If there are no orderings, items are ordered by key.
  std::vector<ordering> order = {};
  /// Whether the pattern ignores upper and lower case.
  bool ignore_case = false;
  /// Whether the index omits items from which the first ordering extracts nothing. Only by_json()
  /// can extract nothing, if its path selects nothing.
  bool sparse = false;
  /// Whether the index refuses to contain two items that are equal by its orderings. Setting the
  /// second of them, or creating the index, then throws errc::not_unique. Items that have expired
  /// do not count, nor do items that a sparse index omits. Without `sparse`, two items from which a
  /// path extracts nothing are equal. Creating the index throws errc::invalid_argument if there are
  /// no orderings, or if one of them compares with a function (by_custom()).
  bool unique = false;
  /// Whether the definition is written to the file, so that the next open restores the index.
  /// Requires orderings of this library: creating the index throws errc::invalid_argument if one of
  /// them is a user-supplied function.
  bool persistent = false;
  /// Whether the index stores the sort key of each item: the bytes that its orderings compare.
  ///
  /// If false, an item in the index takes only its place in a tree (about 24 bytes), and no entry
  /// of its own (32 bytes and its sort key). An operation then computes the sort keys of the items
  /// that it compares: of those whose sort keys begin with the same bytes as the one that it
  /// searches for, at most eight. This suits small items, because their values are read. Readers
  /// then also call a function that was passed to by_sort_key(). Creating the index throws
  /// errc::invalid_argument if an ordering compares with a function (by_custom()).
  bool keep_sort_keys = true;
  /// What happens if an index of that name exists.
  existing_index if_exists = existing_index::refuse;
};

/// Returns the rectangle of a value, or nothing if the value has none; the item is then not in the
/// index. Called when an item is set or erased. It must always return the same result for the same
/// value. An exception from it reaches the caller and makes the transaction unusable.
using rect_function = std::function<std::optional<rect>(std::string_view value)>;

/// Which items a spatial index contains.
struct spatial_index_options {
  /// The pattern that keys must match; see index_options.
  std::string pattern = "*";
  rect_function extract_rect = {};  ///< empty: parse_rect()
  /// Whether the pattern ignores upper and lower case.
  bool ignore_case = false;
  bool persistent = false;  ///< see index_options; cannot be combined with extract_rect
  /// What happens if an index of that name exists.
  existing_index if_exists = existing_index::refuse;
};

/// The description of an index, as reader::index() returns it.
struct index_info {
  /// The name of the index.
  std::string name = {};
  /// See index_options::pattern.
  std::string pattern = {};
  /// See index_options::ignore_case.
  bool ignore_case = false;
  /// See index_options::sparse.
  bool sparse = false;
  /// See index_options::unique.
  bool unique = false;
  /// See index_options::persistent.
  bool persistent = false;
  /// See index_options::keep_sort_keys; only of an ordered index.
  bool keep_sort_keys = true;
  /// Whether the index is a spatial one.
  bool spatial = false;
  std::vector<ordering> order = {};  ///< if the index is ordered
  rect_function extract_rect = {};   ///< if the index is spatial

  /// Returns whether an ordered index places `a` before `b`, without the comparison of the keys
  /// that decides between equal items. Throws what user-supplied orderings throw, and
  /// errc::wrong_index_kind if the index is spatial.
  bool less(const entry& a, const entry& b) const;
};

}  // namespace buntdb
