#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/reader.hpp>

/// Sessions as scs keeps them in a database, and Go's SCS.
///
///   1. The key of a session is PREFIX h:HASH, from which no token can be computed; or PREFIX
///   TOKEN,
///      from Go and under id_mode::raw, and then whoever has the key has the session.
///   2. So no key is ever shown. A session is named by its fingerprint: the first 12 hexadecimal
///      digits of the SHA-256 of the key, from which neither key nor token can be computed.

enum class session_state {
  live,
  renewed,     ///< a tombstone: its token leads to another session for a minute
  unreadable,  ///< the key is a session's, the payload is not what scs writes by default
};

/// What is stored of one value of a session.
struct session_value {
  std::string name;
  std::string json;
};

struct stored_session {
  std::string key;          ///< never shown
  std::string fingerprint;  ///< instead of the key
  std::string prefix;       ///< of the key
  bool key_is_token = false;
  session_state state = session_state::live;
  std::string user;  ///< empty: nobody's
  std::string where;
  std::optional<buntdb::time_point> created;
  std::optional<buntdb::time_point> seen;
  /// The earlier of the record's expiry and the payload's deadline.
  buntdb::time_point expires_at{};
  buntdb::time_point deadline{};
  std::string moved_to;  ///< the key that a tombstone leads to
  std::size_t payload_bytes = 0;
  std::size_t value_count = 0;
  std::vector<session_value> values;  ///< only if asked for
};

enum class values_wanted { no, yes };

/// Calls visit for every session that has not expired, in the order of the keys, until it says
/// false. With a prefix, only those whose keys are the prefix and an id.
void for_each_session(const buntdb::reader& items, const std::optional<std::string>& prefix,
                      values_wanted values, const std::function<bool(stored_session&)>& visit);

/// The key, or, if it may be a token, only its fingerprint: for lists that people pass on.
std::string without_token(std::string_view key);

std::string_view name_of(session_state state) noexcept;
