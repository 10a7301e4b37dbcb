#pragma once

#include <string_view>

#include <buntdb/detail/view_types.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// A key and its value: what a range gives and an ordering compares. The views of a range live as
/// long as those of get(): with the snapshot, or in a transaction until that key is next written.
struct entry {
  std::string_view key;
  std::string_view value;
};

namespace detail {
template <>
struct is_view<entry> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
