#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <ranges>
#include <type_traits>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {
namespace detail {

template <class T>
concept range_view = requires {
  sizeof(T);
}
&&std::ranges::view<T>;

/// Whether a value of this type, returned by a function, would point into a snapshot or transaction
/// that has ended, as far as the type shows it. This is so for views, pointers, and containers,
/// pairs, optionals and other templates that have one of these among their arguments. The members
/// of your own structs are not examined. The types of this library that point into a snapshot
/// specialize it.
template <class T>
struct is_view : std::false_type {};

template <range_view T>
struct is_view<T> : std::true_type {};

template <class T>
struct is_view<T*> : std::negation<std::is_function<T>> {};

template <class T>
struct is_view<std::reference_wrapper<T>> : std::true_type {};

template <class T, std::size_t Size>
struct is_view<std::array<T, Size>> : is_view<std::remove_cv_t<T>> {};

/// The element type decides: since C++26 an optional is itself a view.
template <class T>
struct is_view<std::optional<T>> : is_view<std::remove_cv_t<T>> {};

template <template <class...> class Template, class... Arguments>
requires(!range_view<Template<Arguments...>>) struct is_view<Template<Arguments...>>
    : std::disjunction<std::is_reference<Arguments>...,
                       is_view<std::remove_cvref_t<Arguments>>...> {
};

}  // namespace detail
}  // namespace buntdb
