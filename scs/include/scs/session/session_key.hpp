#pragma once

#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A session's key together with the type of its value. Define it once:
///
///     inline constexpr scs::session_key<int> visits{"visits"};
///     session.put(visits, session.get_or(visits, 0) + 1);
///
/// A mistyped name or a value of another type then does not compile. The name is not copied, so use
/// a literal.
template <class Value>
struct session_key {
  explicit constexpr session_key(std::string_view key) noexcept : name(key) {}

  std::string_view name;
};

}  // namespace scs
