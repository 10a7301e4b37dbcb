#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sessions/stored_sessions.hpp"

/// The keys of the named sessions, of what they were renewed to, and of the tombstones that lead to
/// any of these. `all` is by key. Takes time in proportion to the number of sessions (and its
/// logarithm), however long the chains are.
std::set<std::string> with_renewals(const std::map<std::string, stored_session>& all,
                                    const std::vector<std::string>& named);
