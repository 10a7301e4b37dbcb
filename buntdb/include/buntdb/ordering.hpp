#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <buntdb/entry.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace order BUNTSTORE_PRIVATE {
struct definition;
}  // namespace order

/// How two items are compared; by their values, unless stated otherwise. The functions below make
/// orderings. An index takes a list of them: items that are equal by the first one are compared by
/// the next.
///
/// An ordering is a value and cheap to copy. Any number of threads may use one that nobody changes.
/// One that was moved from can only be assigned to and destroyed.
class ordering {
 public:
  /// Orders by a user-supplied function, which compares values or entries:
  ///
  ///     ordering([](std::string_view a, std::string_view b) { return a.size() < b.size(); })
  ///
  /// The function must be a strict weak ordering, must always return the same result for the same
  /// arguments, and must be safe to call from several threads. An exception from it reaches the
  /// caller of the function that made the comparison. See by_custom().
  template <class Less>
  requires(!std::same_as<Less, ordering> && std::copy_constructible<Less> &&
           (std::predicate<const Less&, std::string_view, std::string_view> ||
            std::predicate<const Less&, const entry&, const entry&>))
      ordering(Less less)  // NOLINT(google-explicit-constructor): lists of orderings take functions
      : ordering(of(std::move(less))) {}

  /// For the engine.
  explicit ordering(std::shared_ptr<const order::definition> definition) noexcept
      : definition_(std::move(definition)) {}
  /// For the engine.
  const order::definition& definition() const noexcept { return *definition_; }

  /// Returns whether the ordering can be written as text, which is so if it consists of built-in
  /// orderings only.
  bool is_portable() const noexcept;

 private:
  template <class Less>
  static ordering of(Less less);

  std::shared_ptr<const order::definition> definition_;
};

/// Orders by value, ignoring the case of ASCII letters; other bytes are compared as they are.
ordering by_string();

/// Orders by value, byte by byte.
ordering by_binary();

/// Orders by value as a decimal number of 64 bits, with or without a sign. A value that is not such
/// a number counts as 0. A number out of range counts as the nearest number in range.
ordering by_int();
/// Like by_int(), for numbers without a sign. A number with a sign counts as 0.
ordering by_uint();

/// Orders by value as a floating-point number: decimal, hexadecimal (`0x1.8p3`), or `inf`. A value
/// that is not a number counts as 0. In an index, NaN comes before everything; see less().
ordering by_float();

/// Orders by what a path selects in a JSON value: nothing, null, false, numbers, strings (ignoring
/// the case of ASCII letters), true, objects and lists (as text), in this order. The path has
/// GJSON's syntax (docs/json-paths.md). It is evaluated when an item is set, and again when it is
/// replaced or erased, but not for comparisons, unless the index keeps no sort keys. Throws
/// errc::invalid_argument, with the position in the message, if the path is malformed.
ordering by_json(std::string_view path);
/// Like by_json(), with strings compared byte by byte.
ordering by_json_case_sensitive(std::string_view path);
/// Like by_json(), with strings compared by the ordering `strings`. Also throws
/// errc::invalid_argument if that ordering compares with a function (by_custom()); use one that
/// makes sort keys instead.
ordering by_json(std::string_view path, const ordering& strings);

/// Reverses the ordering.
ordering desc(const ordering& order);

/// Applies the ordering to the key instead of the value.
ordering by_key(const ordering& order = by_binary());
/// Applies the ordering to one part of the key, counted from 0. The separator divides the key into
/// parts: with ":", part 1 of "user:7:name" is "7". For keys with fewer parts, the part counts as
/// empty, so they come first. Throws errc::invalid_argument if the separator is empty.
ordering by_key_part(std::string_view separator, std::size_t part,
                     const ordering& order = by_string());

/// Orders by user-defined sort keys. The function appends bytes to `out`. Items are ordered by
/// these bytes, compared as unsigned numbers; a prefix comes before a longer key.
///
/// The function is called when an item is set, again when it is replaced or erased, and for the
/// bounds of a range, but not for comparisons. So it may be slow. (An index without sort keys calls
/// it for comparisons, too: index_options::keep_sort_keys.) It must always append the same bytes
/// for the same value, and must be safe to call from several threads. Collation is built on this
/// (<buntdb/collation.hpp>). Throws errc::invalid_argument if the function is empty.
ordering by_sort_key(std::function<void(std::string_view value, std::string& out)> sort_key);

/// Orders by a user-supplied function that compares entries. Under by_key(), the entry's value
/// contains the key, too. The function is called for every comparison, so prefer by_sort_key(),
/// which is faster. Throws errc::invalid_argument if the function is empty.
ordering by_custom(std::function<bool(const entry& a, const entry& b)> less);

/// Returns whether `a` comes before `b`. An index orders items in the same way, except for NaN
/// under by_float(). Here, as in IEEE 754 and BuntDB, NaN is neither less nor greater than
/// anything. In an index, which needs one order for all items, NaN comes first.
bool less(const ordering& order, const entry& a, const entry& b);
/// Returns whether one value comes before another. An ordering of keys sees empty keys. (This is a
/// template so that braces mean an entry.)
template <std::convertible_to<std::string_view> A, std::convertible_to<std::string_view> B>
bool less(const ordering& order, const A& a, const B& b) {
  return less(order, entry{{}, a}, entry{{}, b});
}

/// Returns the ordering as text for parse_ordering(): `string`, `binary`, `int`, `uint`, `float`,
/// `json:PATH`, `json_cs:PATH`, `key:ORDERING`, or `key_part:N:SEPARATOR:ORDERING` (with `\` before
/// each `:` and `\` of the separator). `desc:` precedes a descending one. Throws
/// errc::invalid_argument if the ordering is not portable, because a function cannot be written as
/// text.
std::string to_text(const ordering& order);

/// Reads what to_text() returns. Throws errc::invalid_argument; the message says what is wrong and
/// where.
ordering parse_ordering(std::string_view text);

template <class Less>
ordering ordering::of(Less less) {
  if constexpr (std::predicate<const Less&, std::string_view, std::string_view>) {
    return by_custom([less = std::move(less)](const entry& a, const entry& b) -> bool {
      return less(a.value, b.value);
    });
  } else {
    return by_custom(std::move(less));
  }
}

}  // namespace buntdb
