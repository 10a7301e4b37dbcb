#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

struct bounds;

/// What one ordering of an index extracts from an item: a text, a number, a truth value or null.
/// by_json() takes a text as a JSON string, a number as a JSON number, and so on. Other orderings
/// take the text, and numbers in decimal digits. An index_part owns its text.
class index_part {
 public:
  /// The types of a part.
  enum class kind : std::uint8_t { text, number, boolean, null };

  /// Whether the type is a character. A single character is neither a text nor a number.
  template <class Type>
  static constexpr bool is_character =
      std::same_as<Type, char> || std::same_as<Type, wchar_t> || std::same_as<Type, char8_t> ||
      std::same_as<Type, char16_t> || std::same_as<Type, char32_t>;

  /// A text, which is copied.
  template <class Text>
  requires(std::convertible_to<const Text&, std::string_view>)
      index_part(const Text& text)  // NOLINT(google-explicit-constructor): an argument's type
      : text_(std::string_view(text)) {}
  /// An integer.
  template <class Number>
  requires(std::integral<Number> && !std::same_as<Number, bool> && !is_character<Number>)
      index_part(Number number)  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::number), text_(std::to_string(number)), number_(static_cast<double>(number)) {}
  /// A floating-point number.
  template <std::floating_point Number>
  index_part(Number number)  // NOLINT(google-explicit-constructor): as above
      : index_part(of_double(static_cast<double>(number))) {}
  /// A truth value.
  template <std::same_as<bool> Bool>
  index_part(Bool value)  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::boolean), text_(value ? "true" : "false"), number_(value ? 1 : 0) {}
  /// Null.
  index_part(std::nullptr_t) noexcept  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::null) {}

  /// Returns the type of this part.
  kind type() const noexcept { return kind_; }
  /// Returns the part as text; valid as long as this object.
  const std::string& text() const noexcept { return text_; }
  /// Returns the number, 1 for true, and 0 for everything else.
  double number() const noexcept { return number_; }

 private:
  index_part() noexcept = default;
  static index_part of_double(double number);

  kind kind_ = kind::text;
  std::string text_;
  double number_ = 0;
};

/// What the leading orderings of an index extract, one part for each ordering, beginning with the
/// first. For an index by `{by_key_part(":", 1), by_json("due")}`, `first_parts("ann")` means all
/// items of Ann, and `first_parts("ann", "2030-01-31")` those of one day. It can be used in place
/// of bounds, and then means the items that have exactly these parts. It can also be used as one of
/// the bounds.
///
/// A function that takes them throws errc::invalid_argument if the index has fewer orderings than
/// there are parts; if any ordering of the index compares with a function (by_custom()); and if a
/// truth value or null is passed to an ordering other than by_json().
class first_parts {
 public:
  /// Makes parts for the leading orderings, in their order.
  template <class First, class... Others>
  requires(!std::same_as<First, first_parts> && std::convertible_to<const First&, index_part> &&
           (std::convertible_to<const Others&, index_part> && ...))
      first_parts(const First& first,       // NOLINT(google-explicit-constructor): one text
                  const Others&... others)  // one text may be passed as it is
      : parts_{index_part(first), index_part(others)...} {}

  /// Returns the parts; valid as long as this object.
  const std::vector<index_part>& parts() const noexcept { return parts_; }

  /// Converts to the bounds of the items that have exactly these parts.
  operator bounds() const;  // NOLINT(google-explicit-constructor): see above

 private:
  std::vector<index_part> parts_;
};

/// One end of a range. It is a key or, for an index, a value or the parts that the leading
/// orderings extract.
///
/// A value is compared by the orderings that use values, up to the first one that uses the key:
/// items that are equal by these orderings are equal to the bound. If the first ordering of the
/// index already uses the key, the range function throws errc::invalid_argument; use first_parts
/// then. To by_json(), a field that the value lacks is absent, and absent comes before null: with
/// `{by_json("last"), by_json("age")}`, `{"last":"Smith"}` means the Smiths without an age, and
/// `first_parts("Smith")` means all Smiths.
///
/// A value is not copied here. It must stay valid until the range has been made.
class bound {
 public:
  /// A key or a value, which is not copied.
  template <class Text>
  requires(std::convertible_to<const Text&, std::string_view> &&
           !std::same_as<Text, std::nullptr_t>)
      bound(const Text& value)  // NOLINT(google-explicit-constructor): the usual bound
      : value_(std::string_view(value)) {}
  /// The parts that the leading orderings extract.
  bound(first_parts parts)  // NOLINT(google-explicit-constructor): the other one
      : parts_(std::move(parts)) {}

  /// Returns the key or value of a bound without parts.
  std::string_view value() const noexcept { return value_; }
  /// Returns the parts, or nothing if the bound is a key or a value.
  const std::optional<first_parts>& parts() const noexcept { return parts_; }

 private:
  std::string_view value_;
  std::optional<first_parts> parts_;
};

/// The limits of a range, in the order of the index, for ascending and descending ranges alike.
/// They are copied into the range. If two lower or two upper limits are set, the narrower one
/// applies.
struct bounds {
  /// The range begins with the first item that is not less than this.
  std::optional<bound> at_least = {};
  /// The range begins with the first item that is greater than this.
  std::optional<bound> greater_than = {};
  /// The range ends with the last item that is not greater than this.
  std::optional<bound> at_most = {};
  /// The range ends with the last item that is less than this.
  std::optional<bound> less_than = {};
  /// Limits the range to what begins with a text: to keys, or to items in which an ordering of
  /// strings extracts such a text. If there are several parts, the last one is the prefix and the
  /// others must be equal: with the index above, `{.prefix = first_parts("ann", "2030-01")}` means
  /// Ann's items of January. by_string() and by_json() ignore the case of ASCII letters here, too.
  /// A range function throws errc::invalid_argument if the ordering of the last part is not
  /// by_string(), by_binary() or by_json() with one of these.
  std::optional<first_parts> prefix = {};
};

inline first_parts::operator bounds() const {
  return {.at_least = bound(*this), .at_most = bound(*this)};
}

}  // namespace buntdb
