#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sessions/stored_sessions.hpp"

/// Returns the keys of the named sessions, of the sessions to which they were renewed, and of the
/// tombstones that lead to any of these. `all` is ordered by key. Takes time in proportion to the
/// number of sessions (times its logarithm), however long the chains are.
std::set<std::string> with_renewals(const std::map<std::string, stored_session>& all,
                                    const std::vector<std::string>& named);
