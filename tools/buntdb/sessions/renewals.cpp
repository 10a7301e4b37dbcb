#include "sessions/renewals.hpp"

#include <string_view>
#include <utility>

std::set<std::string> with_renewals(const std::map<std::string, stored_session>& all,
                                    const std::vector<std::string>& named) {
  std::set<std::string> found;
  for (std::string key : named) {
    while (!key.empty() && found.insert(key).second) {
      const auto next = all.find(key);
      key = next == all.end() ? std::string() : next->second.moved_to;
    }
  }
  std::multimap<std::string_view, std::string_view> tombstones;  // by their successors
  for (const auto& [key, session] : all) {
    if (!session.moved_to.empty()) tombstones.emplace(session.moved_to, key);
  }
  std::vector<std::string> reached(found.begin(), found.end());
  while (!reached.empty()) {
    const std::string key = std::move(reached.back());
    reached.pop_back();
    const auto [first, last] = tombstones.equal_range(key);
    for (auto leads_here = first; leads_here != last; ++leads_here) {
      std::string tombstone(leads_here->second);
      if (found.insert(tombstone).second) reached.push_back(std::move(tombstone));
    }
  }
  return found;
}
