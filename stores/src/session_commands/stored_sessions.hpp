#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/reader.hpp>
#include <scs/payload_codec.hpp>

namespace scs::stores {

// Sessions as stores::bunt and Go's SCS keep them in a database. Compiled into the commands of a
// control socket and into the tool.
//
// 1. The key of a session is PREFIX h:HASH, from which no token can be computed; or PREFIX TOKEN,
//    written by Go or under id_mode::raw. In the second case anyone who has the key has the
//    session.
// 2. A session is named by its id, as in session::id() and events: h:HASH. If the key contains a
//    token, the id is computed from it. So no key is ever shown.

enum class session_state {
  live,
  renewed,     ///< a tombstone: its token leads to another session for a minute
  unreadable,  ///< the key is a session's, but the payload is not in the codec's format
};

/// One stored value of a session.
struct session_value {
  std::string name;
  std::string json;
};

struct stored_session {
  std::string key;     ///< never shown
  std::string id;      ///< h: and 43 characters
  std::string prefix;  ///< of the key
  bool key_is_token = false;
  session_state state = session_state::live;
  std::string user;  ///< empty: no user
  std::string where;
  std::optional<buntdb::time_point> created;
  std::optional<buntdb::time_point> seen;
  /// The earlier one of the record's expiry and the payload's deadline.
  buntdb::time_point expires_at{};
  buntdb::time_point deadline{};
  std::string moved_to;  ///< the key to which a tombstone leads
  std::size_t payload_bytes = 0;
  std::size_t value_count = 0;
  std::vector<session_value> values;  ///< only if asked for
};

enum class values_wanted { no, yes };

/// Which sessions to look for.
struct session_scan {
  /// If set, only sessions whose keys are the prefix and an id.
  std::optional<std::string> prefix = {};
  values_wanted values = values_wanted::no;
  /// If not empty, only keys after this one.
  std::string after = {};
  /// Null: json_codec.
  const payload_codec* codec = nullptr;
  /// If set, only sessions for whose id it returns true. Called before the payload is read.
  std::function<bool(std::string_view id)> wants_id = {};
};

/// Calls visit for every session that has not expired, in the order of the keys, until it returns
/// false.
void for_each_session(const buntdb::reader& items, const session_scan& scan,
                      const std::function<bool(stored_session&)>& visit);

/// Returns the key or, if it may contain a token, the prefix and the id: for lists that people pass
/// on.
std::string without_token(std::string_view key);

std::string_view name_of(session_state state) noexcept;

/// Whether the text may name sessions: an id, or at least its first six characters, including `h:`.
bool is_abbreviated_id(std::string_view text) noexcept;

}  // namespace scs::stores
