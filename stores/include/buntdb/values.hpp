#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <buntdb/database.hpp>
#include <scs/value.hpp>

// Lets buntdb keep every type that a session can keep: `db.put("point:1", point{1, 2})` and
// `db.get<point>("point:1")`. Values are stored as the same JSON as in a session
// (scs::value_traits), so that an index by_json("x") can order them by a member. For structs, also
// include <scs/nlohmann.hpp> or <scs/reflection.hpp>. <buntdb/buntdb.hpp> does not include this
// header, because buntdb does not depend on scs.

namespace buntdb {

/// put() throws what to_json() throws. An exception or an empty result of from_json() becomes
/// errc::wrong_type.
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
