#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/live_server.hpp"
#include "sessions/stored_sessions.hpp"

/// The sessions to request from a running server.
struct live_session_query {
  std::optional<std::string> prefix = {};
  std::optional<std::string> user = {};
  std::vector<std::string> ids = {};  ///< ids, or their beginnings; empty: all
  values_wanted values = values_wanted::no;
};

/// Calls visit for every session of the server, including tombstones, until it returns false. The
/// server does not send the keys. Throws buntdb::error.
void for_each_live_session(live_server& server, const live_session_query& query,
                           const std::function<bool(stored_session&)>& visit);
