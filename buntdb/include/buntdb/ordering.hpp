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

/// How two items compare: by their values, unless it says otherwise. Made by the functions below.
/// An index takes a list of them: where the first finds two equal, the next decides.
///
/// A value type, cheap to copy; an immutable one may be used by any number of threads. One that was
/// moved from may only be assigned and destroyed.
class ordering {
 public:
  /// By a function of your own, on values or on entries:
  ///
  ///     ordering([](std::string_view a, std::string_view b) { return a.size() < b.size(); })
  ///
  /// It must be a strict weak ordering, always give the same answer, and be fit to be called by
  /// several threads. An exception from it goes to whoever made the comparison. See by_custom().
  template <class Less>
  requires(!std::same_as<Less, ordering> && std::copy_constructible<Less> &&
           (std::predicate<const Less&, std::string_view, std::string_view> ||
            std::predicate<const Less&, const entry&, const entry&>))
      ordering(Less less)  // NOLINT(google-explicit-constructor): lists of orderings take functions
      : ordering(of(std::move(less))) {}

  /// For the engine.
  explicit ordering(std::shared_ptr<const order::definition> definition) noexcept
      : definition_(std::move(definition)) {}
  const order::definition& definition() const noexcept { return *definition_; }

  /// Whether it can be written as text: it is made of built-in orderings only.
  bool is_portable() const noexcept;

 private:
  template <class Less>
  static ordering of(Less less);

  std::shared_ptr<const order::definition> definition_;
};

/// By value, ASCII letters without regard to case, other bytes as they are.
ordering by_string();

/// By value, byte by byte.
ordering by_binary();

/// By value as a decimal number of 64 bits, with or without a sign. What is no such number counts
/// as 0, one that is out of range as the nearest.
ordering by_int();
/// The same without a sign: what has one counts as 0.
ordering by_uint();

/// By value as a floating-point number: decimal, hexadecimal (`0x1.8p3`), `inf`. What is no number
/// counts as 0. In an index, NaN comes before everything; see less().
ordering by_float();

/// By what a path selects in a value that is JSON: nothing, null, false, numbers, strings (ASCII
/// letters without regard to case), true, objects and lists (as text). The path is in GJSON's
/// syntax (docs/json-paths.md) and is looked up when an item is set, and once more when it is
/// replaced or erased, but not to compare items. Throws errc::invalid_argument, naming the
/// position, if the path is malformed.
ordering by_json(std::string_view path);
/// The same, with strings byte by byte.
ordering by_json_case_sensitive(std::string_view path);
/// The same, with strings in an order of their own. Throws errc::invalid_argument, too, if that is
/// a function that compares (by_custom()): make it one that gives sort keys.
ordering by_json(std::string_view path, const ordering& strings);

/// The other way round.
ordering desc(const ordering& order);

/// The same ordering on the key instead of the value.
ordering by_key(const ordering& order = by_binary());
/// On the nth part (from 0) of the key, which a separator divides: part 1 of "user:7:name" is "7",
/// with ":". Keys with fewer parts come first, as if that part was empty. Throws
/// errc::invalid_argument if the separator is empty.
ordering by_key_part(std::string_view separator, std::size_t part,
                     const ordering& order = by_string());

/// By sort keys of your own: the function appends bytes, and the items are ordered as these bytes
/// are, compared as unsigned numbers, a beginning before what it begins. It is called when an item
/// is set, once more when it is replaced or erased, and for the bounds of a range, but not to
/// compare items, so it may be slow; it must always append the same for the same value, and be fit
/// to be called by several threads. This is what collation is made of (<buntdb/collation.hpp>).
/// Throws errc::invalid_argument if the function is empty.
ordering by_sort_key(std::function<void(std::string_view value, std::string& out)> sort_key);

/// By a function of your own on entries. Under by_key(), the key stands in the entry's value, too.
/// The function is called for every comparison, so that by_sort_key() is faster where there is a
/// choice. Throws errc::invalid_argument if the function is empty.
ordering by_custom(std::function<bool(const entry& a, const entry& b)> less);

/// Whether a comes before b. What it says is what an index does, but for NaN under by_float(),
/// which is neither less nor greater than anything here, as in IEEE 754 (and BuntDB), and first in
/// an index, which needs one order for all.
bool less(const ordering& order, const entry& a, const entry& b);
/// The same for values; what looks at keys finds them empty. (A template, so that braces mean an
/// entry.)
template <std::convertible_to<std::string_view> A, std::convertible_to<std::string_view> B>
bool less(const ordering& order, const A& a, const B& b) {
  return less(order, entry{{}, a}, entry{{}, b});
}

/// An ordering as text, which parse_ordering() understands: `string`, `binary`, `int`, `uint`,
/// `float`, `json:PATH`, `json_cs:PATH`, `key:ORDERING`, `key_part:N:SEPARATOR:ORDERING` (with `\`
/// before each `:` and `\` of the separator), each behind `desc:` if it goes down. Throws
/// errc::invalid_argument if it is not portable: a function cannot be written down.
std::string to_text(const ordering& order);

/// Throws errc::invalid_argument, saying what is wrong where.
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
