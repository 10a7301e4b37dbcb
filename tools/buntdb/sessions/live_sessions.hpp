#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/live_server.hpp"
#include "sessions/stored_sessions.hpp"

/// Which sessions a running server is asked for.
struct live_session_query {
  std::optional<std::string> prefix = {};
  std::optional<std::string> user = {};
  std::vector<std::string> ids = {};  ///< or their beginnings; none: all
  values_wanted values = values_wanted::no;
};

/// Calls visit for every session of the server, tombstones too, until it returns false. The keys
/// stay there. Throws buntdb::error.
void for_each_live_session(live_server& server, const live_session_query& query,
                           const std::function<bool(stored_session&)>& visit);
