#pragma once

#include <string_view>

#include <buntdb/detail/view_types.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// A key and its value, as ranges return them and orderings compare them. The views that a range
/// returns are valid as long as those of reader::get(): as long as the snapshot lives, or, in a
/// transaction, until that key is next written.
struct entry {
  /// The key of the item.
  std::string_view key;
  /// The value of the item.
  std::string_view value;
};

namespace detail {
template <>
struct is_view<entry> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
