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

/// What creating an index does if there is one of its name.
enum class existing_index {
  refuse,   ///< throws errc::index_exists
  replace,  ///< the new one takes its place when it is complete; the old one serves until then
  keep,     ///< leaves it as it is, whatever its options are, and creates nothing
};

/// Which items an ordered index holds, and in what order.
///
/// An item is in the index if its key matches the pattern: `*` stands for any bytes, `?` for one
/// character of UTF-8, `\` takes the next character as it is. A pattern costs nothing to items that
/// do not begin like its literal beginning: prefer `user:*:name` to `*:name`.
struct index_options {
  std::string pattern = "*";
  /// Items are ordered by the first; where that finds two equal, by the second, and so on; then by
  /// key. None: by key.
  std::vector<ordering> order = {};
  /// Upper and lower case are the same to the pattern.
  bool ignore_case = false;
  /// Leaves out items in which the first ordering finds nothing: by_json(), where the path selects
  /// nothing.
  bool sparse = false;
  /// Refuses to hold two items that its orderings take for equal: errc::not_unique, from what would
  /// set the second one and from creating the index. What has expired does not count, nor does what
  /// a sparse index leaves out; without `sparse`, two items in which a path finds nothing are
  /// equal. errc::invalid_argument without an ordering, and with one that calls a function to
  /// compare (by_custom()).
  bool unique = false;
  /// Writes the definition to the file, so that the next open restores the index. For orderings of
  /// this library only: errc::invalid_argument for user-supplied functions.
  bool persistent = false;
  /// Keeps for each item the bytes that its orderings compare. Without, an item in the index takes
  /// its place in a tree (about 24 bytes) and no entry of its own (32 bytes and its sort key), and
  /// an operation computes the sort keys of the items that it compares: those that begin with the
  /// same bytes as the one it looks for, at most eight. That suits small items, of which it reads
  /// the value. A function given to by_sort_key() is then called by readers, too.
  /// errc::invalid_argument with an ordering that calls a function to compare (by_custom()).
  bool keep_sort_keys = true;
  existing_index if_exists = existing_index::refuse;
};

/// The rectangle of a value, or empty if it has none, and is not in the index then. Called while an
/// item is set or erased: must always give the same answer for the same value. What it throws goes
/// to the caller, and leaves the transaction unusable.
using rect_function = std::function<std::optional<rect>(std::string_view value)>;

/// Which items a spatial index holds.
struct spatial_index_options {
  std::string pattern = "*";
  rect_function extract_rect = {};  ///< none: parse_rect()
  bool ignore_case = false;
  bool persistent = false;  ///< as in index_options; not together with extract_rect
  existing_index if_exists = existing_index::refuse;
};

/// An index as reader::index() describes it.
struct index_info {
  std::string name = {};
  std::string pattern = {};
  bool ignore_case = false;
  bool sparse = false;
  bool unique = false;
  bool persistent = false;
  bool keep_sort_keys = true;  ///< of an ordered one
  bool spatial = false;
  std::vector<ordering> order = {};  ///< of an ordered one
  rect_function extract_rect = {};   ///< of a spatial one

  /// Whether an ordered index has a before b, keys that decide ties left aside. Throws what
  /// orderings of the user's own throw; errc::wrong_index_kind if the index is spatial.
  bool less(const entry& a, const entry& b) const;
};

}  // namespace buntdb
