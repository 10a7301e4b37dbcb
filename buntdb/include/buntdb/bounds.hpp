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

/// What one ordering of an index finds in an item: a text, a number, a truth value or null. To
/// by_json(), a text is a string of JSON, a number a number, and so on. Other orderings read the
/// text, numbers in decimal digits. It owns the text.
class index_part {
 public:
  enum class kind : std::uint8_t { text, number, boolean, null };

  /// One character is neither a text nor a number.
  template <class Type>
  static constexpr bool is_character =
      std::same_as<Type, char> || std::same_as<Type, wchar_t> || std::same_as<Type, char8_t> ||
      std::same_as<Type, char16_t> || std::same_as<Type, char32_t>;

  template <class Text>
  requires(std::convertible_to<const Text&, std::string_view>)
      index_part(const Text& text)  // NOLINT(google-explicit-constructor): an argument's type
      : text_(std::string_view(text)) {}
  template <class Number>
  requires(std::integral<Number> && !std::same_as<Number, bool> && !is_character<Number>)
      index_part(Number number)  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::number), text_(std::to_string(number)), number_(static_cast<double>(number)) {}
  template <std::floating_point Number>
  index_part(Number number)  // NOLINT(google-explicit-constructor): as above
      : index_part(of_double(static_cast<double>(number))) {}
  template <std::same_as<bool> Bool>
  index_part(Bool value)  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::boolean), text_(value ? "true" : "false"), number_(value ? 1 : 0) {}
  index_part(std::nullptr_t) noexcept  // NOLINT(google-explicit-constructor): as above
      : kind_(kind::null) {}

  kind type() const noexcept { return kind_; }
  const std::string& text() const noexcept { return text_; }
  double number() const noexcept { return number_; }

 private:
  index_part() noexcept = default;
  static index_part of_double(double number);

  kind kind_ = kind::text;
  std::string text_;
  double number_ = 0;
};

/// What the leading orderings of an index find, one part for each, from the first on. In an index
/// by `{by_key_part(":", 1), by_json("due")}`, `first_parts("ann")` is all of Ann's items and
/// `first_parts("ann", "2030-01-31")` those of one day. It can stand where bounds do, and then
/// means what has exactly these parts; and for each of the bounds.
///
/// errc::invalid_argument where the index has fewer orderings than there are parts, or one that
/// calls a function to compare (by_custom()), for a number, a truth value or null to an ordering
/// that is not by_json() (numbers excepted), and in a transaction that has ended.
class first_parts {
 public:
  template <class First, class... Others>
  requires(!std::same_as<First, first_parts> && std::convertible_to<const First&, index_part> &&
           (std::convertible_to<const Others&, index_part> && ...))
      first_parts(const First& first,       // NOLINT(google-explicit-constructor): one text
                  const Others&... others)  // stands for itself
      : parts_{index_part(first), index_part(others)...} {}

  const std::vector<index_part>& parts() const noexcept { return parts_; }

  operator bounds() const;  // NOLINT(google-explicit-constructor): see above

 private:
  std::vector<index_part> parts_;
};

/// One end of a range: a key; for an index, a value, or the parts that its leading orderings find.
///
/// A value is compared by the orderings that look at values, up to the first that looks at the key:
/// items that these find equal are equal to the bound. errc::invalid_argument if that is the very
/// first one: name the part then. A field that the value lacks is absent to by_json(), which comes
/// before null: with `{by_json("last"), by_json("age")}`, `{"last":"Smith"}` is the Smiths that
/// have no age, and `first_parts("Smith")` is all Smiths.
///
/// A value is not copied here: it must live until the range has been made.
class bound {
 public:
  template <class Text>
  requires(std::convertible_to<const Text&, std::string_view> &&
           !std::same_as<Text, std::nullptr_t>)
      bound(const Text& value)  // NOLINT(google-explicit-constructor): the usual bound
      : value_(std::string_view(value)) {}
  bound(first_parts parts)  // NOLINT(google-explicit-constructor): the other one
      : parts_(std::move(parts)) {}

  /// Of a bound without parts.
  std::string_view value() const noexcept { return value_; }
  const std::optional<first_parts>& parts() const noexcept { return parts_; }

 private:
  std::string_view value_;
  std::optional<first_parts> parts_;
};

/// From where to where a range goes, whichever its direction. Bounds are copied into the range. Of
/// two lower (or two upper) bounds the narrower one counts.
struct bounds {
  std::optional<bound> at_least = {};
  std::optional<bound> greater_than = {};
  std::optional<bound> at_most = {};
  std::optional<bound> less_than = {};
  /// What begins with a text: a key, or the text that an ordering of strings finds. Of several
  /// parts, the last is the beginning, and the others are the whole: with the index above,
  /// `{.prefix = first_parts("ann", "2030-01")}` is Ann's January. by_string() and by_json() ignore
  /// the case of ASCII letters here, too. errc::invalid_argument if that ordering is not
  /// by_string(), by_binary() or by_json() with these.
  std::optional<first_parts> prefix = {};
};

inline first_parts::operator bounds() const {
  return {.at_least = bound(*this), .at_most = bound(*this)};
}

}  // namespace buntdb
