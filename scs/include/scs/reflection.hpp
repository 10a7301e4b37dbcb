#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/pfr.hpp>
#include <nlohmann/json.hpp>

#include <scs/nlohmann.hpp>

// Lets a session keep a plain struct as it is, without to_json, from_json or a macro:
//
//     struct cart { std::vector<int> items; std::string coupon; };
//     session.put("cart", cart{{1, 2}, "x"});    // {"coupon":"x","items":[1,2]}
//
// The struct must be an aggregate without base classes. Its members must be types that
// nlohmann/json can convert, or such structs. If the stored value lacks a member, the member keeps
// its initial value. Stored members that the struct does not have are ignored. So a struct can get
// and lose members while sessions live. A struct with its own to_json, also one defined by a macro,
// keeps using that.
//
// Needs Boost.PFR (Boost 1.75, header-only) and a compiler that exposes the names of members: g++
// 11 or clang 14. <scs/scs.hpp> does not include this header.

namespace scs::detail {

// No object is needed: the code only names its members at compile time.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif

/// Never instantiated.
template <class Struct>
struct reflected {
  const Struct value;
};
template <class Struct>
extern const reflected<Struct> reflected_object;

/// Clang does not accept a pointer to a subobject as a template argument, but it accepts an object
/// that contains such a pointer.
template <class Member>
struct pointer_to {
  const Member* pointer;
};

template <auto Pointer>
constexpr std::string_view pretty_pointer() noexcept {
  return __PRETTY_FUNCTION__;
}

/// The last identifier in the compiler's spelling of the pointer.
constexpr std::string_view last_name(std::string_view text) noexcept {
  const auto is_of_name = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  text = text.substr(0, text.find(';'));  // g++ appends the definition of std::string_view
  while (!text.empty() && !is_of_name(text.back()))
    text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin != 0 && is_of_name(text[begin - 1]))
    --begin;
  return text.substr(begin);
}

template <class Struct, std::size_t Index>
consteval std::string_view member_name() noexcept {
  constexpr auto pointer = std::addressof(boost::pfr::get<Index>(reflected_object<Struct>.value));
  using member = std::remove_cvref_t<decltype(*pointer)>;
  return last_name(pretty_pointer<pointer_to<member>{pointer}>());
}
#ifdef __clang__
#pragma clang diagnostic pop
#endif

template <class Value>
concept has_own_json = requires(nlohmann::json& json, const Value& value) {
  to_json(json, value);
};

template <class Value>
concept plain_struct =
    std::is_class_v<Value> && std::is_aggregate_v<Value> && !std::is_empty_v<Value> &&
    !std::ranges::range<Value> && !has_own_json<Value> && !requires {
  std::tuple_size<Value>::value;
}
&&!requires(Value value) {
  value.first;
};

/// Calls the function with each member's name and the member.
template <class Struct, class Function>
void for_each_member(Struct& value, const Function& function) {
  using plain = std::remove_const_t<Struct>;
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (function(member_name<plain, Index>(), boost::pfr::get<Index>(value)), ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<plain>>{});
}

}  // namespace scs::detail

namespace nlohmann {

template <scs::detail::plain_struct Struct>
struct adl_serializer<Struct, void> {
  template <class Json>
  static void to_json(Json& json, const Struct& value) {
    json = Json::object();
    scs::detail::for_each_member(value, [&](std::string_view name, const auto& member) {
      json[std::string(name)] = member;
    });
  }

  template <class Json>
  static void from_json(const Json& json, Struct& value) {
    if (!json.is_object()) throw std::invalid_argument("a struct is an object of JSON");
    scs::detail::for_each_member(value, [&](std::string_view name, auto& member) {
      const auto found = json.find(std::string(name));
      if (found != json.end()) found->get_to(member);
    });
  }
};

}  // namespace nlohmann
