#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <buntdb/database.hpp>
#include <scs/value.hpp>

// What a session can keep, an item of buntdb can: `db.put("point:1", point{1, 2})` and
// `db.get<point>("point:1")`. Values are the same JSON as in a session (scs::value_traits), so that
// an index by_json("x") orders them by a member. For structs, include <scs/nlohmann.hpp> or
// <scs/reflection.hpp>, too. Not included by <buntdb/buntdb.hpp>: buntdb does not depend on scs.

namespace buntdb {

/// put() throws what to_json() throws. What from_json() throws or refuses is errc::wrong_type.
template <scs::session_value Value>
struct value_codec<Value> {
  static std::string encode(const Value& value) { return scs::value_traits<Value>::to_json(value); }

  static std::optional<Value> decode(std::string_view json) {
    try {
      return scs::value_traits<Value>::from_json(json);
    } catch (...) {
      return std::nullopt;
    }
  }
};

}  // namespace buntdb
