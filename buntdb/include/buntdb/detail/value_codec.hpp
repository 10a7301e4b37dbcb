#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// How put() and get() of databases and transactions encode values of a type. <buntdb/values.hpp>
/// (target buntstore::bunt) defines it for all types that a session can store. Specialize it for
/// your own type:
///
///     template <> struct buntdb::value_codec<point> {
///       static std::string encode(const point& value);
///       static std::optional<point> decode(std::string_view bytes);  // empty: not a point
///     };
template <class Value>
struct value_codec;

namespace detail {

template <class Value>
concept encodable = requires(const Value& value, std::string_view bytes) {
  { value_codec<Value>::encode(value) } -> std::convertible_to<std::string>;
  { value_codec<Value>::decode(bytes) } -> std::convertible_to<std::optional<Value>>;
};

/// The type as which a value is encoded: literals, pointers to characters and views are encoded as
/// strings.
template <class Value>
using encoded_as =
    std::conditional_t<std::is_convertible_v<const Value&, std::string_view>, std::string, Value>;

[[noreturn]] void throw_wrong_type(std::string_view key);

template <class Value>
std::string encoded(const Value& value) {
  static_assert(encodable<encoded_as<Value>>,
                "values of this type cannot be put: include <buntdb/values.hpp>, or specialize "
                "buntdb::value_codec for it");
  return value_codec<encoded_as<Value>>::encode(value);
}

template <class Value>
std::optional<Value> decoded(std::string_view key, const std::optional<std::string_view>& bytes) {
  static_assert(encodable<Value>,
                "values of this type cannot be got: include <buntdb/values.hpp>, or specialize "
                "buntdb::value_codec for it");
  if (!bytes) return std::nullopt;
  std::optional<Value> value = value_codec<Value>::decode(*bytes);
  if (!value) throw_wrong_type(key);
  return value;
}

}  // namespace detail
}  // namespace buntdb
