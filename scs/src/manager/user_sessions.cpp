#include "manager/user_sessions.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <scs/error.hpp>

#include "manager/retry.hpp"

namespace scs::detail {

namespace {

struct listed_session {
  user_session shown{};
  session_id renewed_from{};
};

/// Rule 12: as exact as the throttle.
time_point last_seen(const manager_core& core, const record& found, const payload& contents) {
  time_point seen = std::max(contents.seen.value_or(time_point{}),  //
                             contents.created.value_or(time_point{}));
  const std::chrono::nanoseconds idle = core.options().idle_timeout;
  if (idle.count() != 0) seen = std::max(seen, found.expiry - idle);
  return std::min(seen, core.now());
}

/// Gathers the sessions of one user while the store lists them.
class collector {
 public:
  collector(manager_core& core, std::string_view user) : core_(core), user_(user) {}

  void run() {
    core_.for_each_of_user(user_, [&](const session_id& id, const record& found) {
      take(id, found);
      return visit::next;
    });
    // What was renewed during the listing may be in it as a tombstone only.
    while (!renewed_to_.empty()) {
      const session_id id = renewed_to_.back();
      renewed_to_.pop_back();
      if (!seen_.insert(id).second || live_.contains(id)) continue;
      if (const auto found = core_.find(id)) take(id, *found);
    }
    // Until its predecessor is a tombstone, nobody has the token of a session that is being
    // renewed.
    std::erase_if(live_, [this](const auto& entry) {
      const session_id& before = entry.second.renewed_from;
      return !before.empty() && live_.contains(before);
    });
  }

  std::map<session_id, listed_session>& live() noexcept { return live_; }

 private:
  void take(const session_id& id, const record& found) {
    payload contents;
    try {
      contents = core_.decode(found.payload);
    } catch (const error&) {
      return;  // loading it reports it
    }
    if (contents.user != user_) return;
    if (!contents.moved_to.empty()) {
      renewed_to_.push_back(session_id::from_text(contents.moved_to));
      return;
    }
    if (core_.has_come(std::min(found.expiry, contents.deadline))) return;
    listed_session& listed = live_[id];
    listed.shown.id = core_.public_id(id);
    listed.shown.created = contents.created.value_or(time_point{});
    listed.shown.last_seen = last_seen(core_, found, contents);
    listed.shown.where = contents.where;
    listed.shown.deadline = contents.deadline;
    listed.renewed_from = session_id::from_text(contents.renewed_from);
  }

  manager_core& core_;
  const std::string_view user_;
  std::map<session_id, listed_session> live_;
  std::vector<session_id> renewed_to_;
  std::set<session_id> seen_;
};

}  // namespace

user_listing list_sessions(manager_core& core, std::string_view user) {
  collector found{core, user};
  found.run();
  std::vector<std::pair<session_id, user_session>> in_order;
  for (auto& [id, session] : found.live())
    in_order.emplace_back(id, std::move(session.shown));
  std::stable_sort(in_order.begin(), in_order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.last_seen, a.second.created) >
           std::tie(b.second.last_seen, b.second.created);
  });
  user_listing listing;
  for (auto& [id, session] : in_order) {
    listing.ids.push_back(id);
    listing.sessions.push_back(std::move(session));
  }
  return listing;
}

bool belongs_to(const manager_core& core, const record& found, std::string_view user) {
  try {
    return !user.empty() && core.decode(found.payload).user == user;
  } catch (const error&) {
    return false;
  }
}

namespace {

/// A record of a user's, and what it was renewed from, if it was.
struct listed_record {
  session_id id;
  session_id renewed_from;
};

session_id renewed_from(const manager_core& core, const record& found) {
  try {
    return session_id::from_text(core.decode(found.payload).renewed_from);
  } catch (const error&) {
    return {};
  }
}

/// Whether the record belongs to the session that `kept` opened when it was loaded: it may have
/// been renewed since, or is just being renewed, when nothing leads to its new record yet.
bool belongs_to_session(manager_core& core, const listed_record& listed, const session_id& kept) {
  if (kept.empty()) return false;
  for (std::optional<session_id> at = kept; at;) {
    if (*at == listed.id || *at == listed.renewed_from) return true;
    const std::optional<record> found = core.find(*at);
    at = found ? core.successor_of(*found) : std::nullopt;
  }
  return false;
}

}  // namespace

std::size_t revoke_sessions(manager_core& core, std::string_view user, const session_id& except) {
  // Under id_mode::raw no tombstone is left to lead on from a session that was renewed since its id
  // was listed: look once more.
  const int empty_passes_needed = core.options().ids == id_mode::raw ? 2 : 1;
  int empty_passes = 0;
  std::size_t revoked = 0;
  for (retry again{core};; again.wait()) {
    std::vector<listed_record> listed;
    core.for_each_of_user(user, [&](const session_id& id, const record& found) {
      listed.push_back({id, renewed_from(core, found)});
      return visit::next;
    });
    bool found_any = false;
    for (const listed_record& each : listed) {
      if (belongs_to_session(core, each, except)) continue;
      const std::vector<record> destroyed = core.destroy(each.id, except);
      for (const record& erased : destroyed)
        revoked += core.successor_of(erased) ? 0U : 1U;
      // One that went by itself since it was listed may have been renewed before; one that is still
      // there is a tombstone of `except`.
      found_any = found_any || !destroyed.empty() || !core.find(each.id);
    }
    empty_passes = found_any ? 0 : empty_passes + 1;
    if (empty_passes == empty_passes_needed) return revoked;
  }
}

// Newest by the moment and then by the id: an order that is the same for everybody, or two logins
// at once could end each other.
void limit_sessions(manager_core& core, std::string_view user, std::size_t max_count) {
  collector found{core, user};
  found.run();
  std::vector<std::pair<time_point, session_id>> oldest_first;
  for (const auto& [id, session] : found.live())
    oldest_first.emplace_back(session.shown.created, id);
  std::sort(oldest_first.begin(), oldest_first.end());
  for (std::size_t i = 0; i + max_count < oldest_first.size(); ++i)
    core.destroy(oldest_first[i].second);
}

}  // namespace scs::detail
