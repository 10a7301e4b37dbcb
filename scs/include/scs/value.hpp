#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How values of one type are kept in a session. Specialize it for your own type:
///
///     template <> struct scs::value_traits<point> {
///       static std::string to_json(const point& value);                   // one JSON value
///       static std::optional<point> from_json(std::string_view json);      // empty: not a point
///     };
///
/// or include <scs/nlohmann.hpp>, which specializes it for all types that nlohmann/json can
/// convert. An exception of to_json becomes errc::invalid_value, and one of from_json becomes
/// errc::wrong_type. Built-in types are std::string, bool, integers, float and double,
/// std::vector<std::byte> (base64), and times of the system's clock (RFC 3339, in UTC), written as
/// Go's encoding/json does.
template <class Value>
struct value_traits;

/// A type that can be put into a session and read from it.
template <class Value>
concept session_value = requires(const Value& value, std::string_view json) {
  { value_traits<Value>::to_json(value) } -> std::convertible_to<std::string>;
  { value_traits<Value>::from_json(json) } -> std::convertible_to<std::optional<Value>>;
};

/// Binary data, which is kept as base64.
using bytes = std::vector<std::byte>;

namespace detail {

template <class Value, class... Others>
concept one_of = (std::same_as<Value, Others> || ...);

template <class Value>
concept integer =
    std::integral<Value> && !one_of<Value, bool, char, wchar_t, char8_t, char16_t, char32_t>;

template <class Value>
inline constexpr bool is_system_time = false;
template <class Duration>
inline constexpr bool is_system_time<std::chrono::sys_time<Duration>> = true;

template <class Value>
concept built_in = one_of<Value, std::string, bool, float, double, bytes> || integer<Value> ||
    is_system_time<Value>;

/// Literals, pointers to characters and views, which are kept as strings.
template <class Value>
concept text = std::convertible_to<const Value&, std::string_view> &&
    (std::is_array_v<Value> || std::is_pointer_v<Value> || std::same_as<Value, std::string_view>);

/// The name of a type in an error message.
template <class Value>
constexpr std::string_view name_of_type() noexcept {
  if constexpr (std::same_as<Value, std::string>) {
    return "a string";
  } else if constexpr (std::same_as<Value, bool>) {
    return "a boolean";
  } else if constexpr (integer<Value>) {
    return "an integer";
  } else if constexpr (one_of<Value, float, double>) {
    return "a number";
  } else if constexpr (std::same_as<Value, bytes>) {
    return "bytes, which are a string of base64";
  } else if constexpr (is_system_time<Value>) {
    return "a time, which is a string";
  } else {
    return "a type of the application's";
  }
}

/// A moment as seconds since 1970 and nanoseconds in addition, 0 to 999,999,999.
struct split_time {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
};

std::string json_of_string(std::string_view utf8);  // throws invalid_value unless it is UTF-8
std::string json_of_double(double value);           // throws invalid_value for NaN and infinities
std::string json_of_integer(std::int64_t value);
std::string json_of_unsigned(std::uint64_t value);
std::string json_of_bytes(const bytes& value);
std::string json_of_time(split_time value);  // throws invalid_value outside of the years 0 to 9999

std::optional<std::string> string_of_json(std::string_view json);
std::optional<double> double_of_json(std::string_view json);
std::optional<std::int64_t> integer_of_json(std::string_view json);
std::optional<std::uint64_t> unsigned_of_json(std::string_view json);
std::optional<bytes> bytes_of_json(std::string_view json);
std::optional<split_time> time_of_json(std::string_view json);

}  // namespace detail

template <>
struct value_traits<std::string> {
  static std::string to_json(std::string_view value) { return detail::json_of_string(value); }
  static std::optional<std::string> from_json(std::string_view json) {
    return detail::string_of_json(json);
  }
};

template <>
struct value_traits<bool> {
  static std::string to_json(bool value) { return value ? "true" : "false"; }
  static std::optional<bool> from_json(std::string_view json) {
    if (json == "true") return true;
    if (json == "false") return false;
    return std::nullopt;
  }
};

template <detail::integer Value>
struct value_traits<Value> {
  static std::string to_json(Value value) {
    if constexpr (std::is_signed_v<Value>) {
      return detail::json_of_integer(value);
    } else {
      return detail::json_of_unsigned(value);
    }
  }
  static std::optional<Value> from_json(std::string_view json) {
    if constexpr (std::is_signed_v<Value>) {
      return narrow(detail::integer_of_json(json));
    } else {
      return narrow(detail::unsigned_of_json(json));
    }
  }

 private:
  template <class Wide>
  static std::optional<Value> narrow(std::optional<Wide> wide) {
    if (!wide || *wide < std::numeric_limits<Value>::min() ||
        *wide > std::numeric_limits<Value>::max()) {
      return std::nullopt;
    }
    return static_cast<Value>(*wide);
  }
};

template <detail::one_of<float, double> Value>
struct value_traits<Value> {
  static std::string to_json(Value value) { return detail::json_of_double(value); }
  static std::optional<Value> from_json(std::string_view json) {
    const std::optional<double> wide = detail::double_of_json(json);
    if (!wide || *wide > std::numeric_limits<Value>::max() ||
        *wide < std::numeric_limits<Value>::lowest()) {
      return std::nullopt;
    }
    return static_cast<Value>(*wide);
  }
};

template <>
struct value_traits<bytes> {
  static std::string to_json(const bytes& value) { return detail::json_of_bytes(value); }
  static std::optional<bytes> from_json(std::string_view json) {
    return detail::bytes_of_json(json);
  }
};

template <class Duration>
struct value_traits<std::chrono::sys_time<Duration>> {
  using value_type = std::chrono::sys_time<Duration>;

  static std::string to_json(value_type value) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(value);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(value - whole);
    return detail::json_of_time({whole.time_since_epoch().count(), rest.count()});
  }

  /// Rounds down to Duration. A moment that Duration cannot hold is of the wrong type: the result
  /// is empty.
  static std::optional<value_type> from_json(std::string_view json) {
    const std::optional<detail::split_time> split = detail::time_of_json(json);
    if (!split) return std::nullopt;
    const std::chrono::seconds seconds{split->seconds};
    const std::chrono::nanoseconds nanoseconds{split->nanoseconds};
    if constexpr (std::ratio_less_v<typename Duration::period, std::ratio<1>>) {
      if (seconds < std::chrono::ceil<std::chrono::seconds>(Duration::min()) ||
          seconds >= std::chrono::floor<std::chrono::seconds>(Duration::max())) {
        return std::nullopt;
      }
    }
    return value_type{std::chrono::floor<Duration>(seconds) +
                      std::chrono::floor<Duration>(nanoseconds)};
  }
};

}  // namespace scs
