#include "manager/user_sessions.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <scs/error.hpp>

#include "basics/times.hpp"
#include "manager/revocations.hpp"

namespace scs::detail {

namespace {

struct listed_session {
  user_session shown{};
  session_id renewed_from{};
  time_point begun{};
};

/// Rule 12: the precision is that of extending the idle time.
time_point last_seen(const manager_core& core, const record& found, const payload& contents) {
  time_point seen = std::max(contents.seen.value_or(time_point{}),  //
                             contents.created.value_or(time_point{}));
  const std::chrono::nanoseconds idle = contents.idle_timeout.value_or(core.options().idle_timeout);
  if (idle.count() != 0) seen = std::max(seen, earlier(found.expiry, idle));
  return std::min(seen, core.now());
}

/// Collects the sessions of one user while the store lists them.
class collector {
 public:
  /// Collects sessions that began after `ended_until`.
  collector(manager_core& core, std::string_view user, time_point ended_until)
      : core_(core), user_(user), ended_until_(ended_until) {}

  void run() {
    core_.for_each_of_user(user_, [&](const session_id& id, const record& found) {
      take(id, found);
      return visit::next;
    });
    // A session that was renewed during the listing may appear in it as a tombstone only, so its
    // successor is looked up. Successors that were visited are not looked up again.
    while (!renewed_to_.empty()) {
      const session_id id = renewed_to_.back();
      renewed_to_.pop_back();
      if (!seen_.insert(id).second || live_.contains(id)) continue;
      // A near cache's copy may be of a session that has ended since.
      if (const auto found = core_.find_fresh(id)) take(id, *found);
    }
    // Nobody knows the new token of a session that is being renewed until its predecessor is a
    // tombstone.
    std::erase_if(live_, [this](const auto& entry) {
      const session_id& before = entry.second.renewed_from;
      if (before.empty() || !live_.contains(before)) return false;
      being_renewed_.insert(entry.first);
      return true;
    });
  }

  std::map<session_id, listed_session>& live() noexcept { return live_; }

  /// Whether it is a session's record, whether its token is known or not.
  bool is_stored(const session_id& id) const {
    return live_.contains(id) || being_renewed_.contains(id);
  }

  /// Returns the id that the session with this id has now, as far as the listing has found
  /// tombstones.
  session_id current_of(session_id id) const {
    std::size_t steps = 0;  // a store might contain a cycle
    for (auto next = moved_.find(id); next != moved_.end() && steps <= moved_.size(); ++steps) {
      id = next->second;
      next = moved_.find(id);
    }
    return id;
  }

 private:
  void take(const session_id& id, const record& found) {
    payload contents;
    try {
      contents = core_.decode(found.payload);
    } catch (const error&) {
      return;  // reported when the session is loaded
    }
    if (contents.user != user_) return;
    if (!contents.moved_to.empty()) {
      seen_.insert(id);
      const session_id next = session_id::from_text(contents.moved_to);
      moved_.insert_or_assign(id, next);
      renewed_to_.push_back(next);
      return;
    }
    if (core_.has_come(std::min(found.expiry, contents.deadline))) return;
    if (is_revoked(contents, ended_until_)) return;
    listed_session& listed = live_[id];
    listed.shown.id = core_.public_id(id);
    listed.shown.created = contents.created.value_or(time_point{});
    listed.shown.last_seen = last_seen(core_, found, contents);
    listed.shown.where = contents.where;
    listed.shown.deadline = contents.deadline;
    listed.renewed_from = session_id::from_text(contents.renewed_from);
    listed.begun = contents.begun.value_or(time_point::min());
  }

  manager_core& core_;
  const std::string_view user_;
  const time_point ended_until_;
  std::map<session_id, listed_session> live_;
  std::vector<session_id> renewed_to_;
  std::map<session_id, session_id> moved_;
  std::set<session_id> seen_;           // tombstones and their successors
  std::set<session_id> being_renewed_;  // by their new ids
};

}  // namespace

user_listing list_sessions(manager_core& core, std::string_view user) {
  collector found{core, user, fresh_revoked_until(core, user)};
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

namespace {

/// A record of a session that a revocation has ended. It would otherwise stay in the store until it
/// expires.
struct ended_record {
  session_id id;
  std::string revision;
};

std::vector<ended_record> list_ended(manager_core& core, std::string_view user, time_point until,
                                     time_point& latest_deadline) {
  std::vector<ended_record> ended;
  core.for_each_of_user(user, [&](const session_id& id, const record& found) {
    try {
      const payload contents = core.decode(found.payload);
      // A tombstone may lead to a live session, which a logout must still find.
      if (!contents.moved_to.empty()) return visit::next;
      latest_deadline = std::max(latest_deadline, contents.deadline);
      if (contents.user != user || contents.begun.value_or(time_point::min()) > until) {
        return visit::next;
      }
    } catch (const error&) {  // NOLINT(bugprone-empty-catch): it is the user's, whatever it is
    }
    ended.push_back({id, found.revision});
    return visit::next;
  });
  return ended;
}

}  // namespace

revoked_sessions revoke_sessions(manager_core& core, std::string_view user,
                                 const session_id& present) {
  const raised_watermark raised = raise_watermark(core, user);
  collector found{core, user, raised.before};
  found.run();
  std::size_t count = 0;
  for (const auto& [id, session] : found.live())
    count += id == present || session.begun > raised.now ? 0U : 1U;
  time_point latest_deadline{};
  constexpr int max_passes = 3;  // remaining records cannot be used
  for (int pass = 0; pass < max_passes; ++pass) {
    bool erased_any = false;
    for (const ended_record& each : list_ended(core, user, raised.now, latest_deadline)) {
      if (each.id == present) continue;  // its request has yet to commit it
      erased_any = true;
      const auto outcome = core.commit(each.id, {}, time_point{}, each.revision, {}).result;
      if (outcome == commit_result::outcome::committed) {
        core.report(event_kind::destroyed, each.id, {}, {.user = user});
      }
    }
    keep_watermark(core, user, latest_deadline);
    if (!erased_any) break;
  }
  return {count, raised.now};
}

std::size_t revoke_everybody(manager_core& core) {
  std::set<std::string> users;
  std::size_t count = 0;
  core.for_each([&](const session_id& id, const record& found) {
    try {
      const payload contents = core.decode(found.payload);
      if (!contents.user.empty()) {
        users.emplace(contents.user);
        return visit::next;
      }
    } catch (const error&) {  // NOLINT(bugprone-empty-catch): whatever it is, it ends
    }
    for (const record& destroyed : core.destroy(id))
      count += core.successor_of(destroyed) ? 0U : 1U;
    return visit::next;
  });
  for (const std::string& user : users)
    count += revoke_sessions(core, user, {}).count;
  return count;
}

namespace {

struct sessions_beside_login {
  /// The login's session, which another request may have renewed since. Empty if another request
  /// has ended it.
  session_id own{};
  /// The user's other sessions, ordered by the moment of their logins and then by id. All processes
  /// agree on this order. Otherwise two concurrent logins could end each other.
  std::vector<std::pair<time_point, session_id>> oldest_first{};
};

sessions_beside_login sessions_beside(manager_core& core, const login& fresh) {
  collector found{core, fresh.user, fresh_revoked_until(core, fresh.user)};
  found.run();
  sessions_beside_login all;
  const session_id own = found.current_of(fresh.id);
  if (found.is_stored(own)) all.own = own;
  found.live().erase(own);
  for (const session_id& replaced : fresh.replaced)
    found.live().erase(found.current_of(replaced));
  for (const auto& [id, session] : found.live())
    all.oldest_first.emplace_back(session.shown.created, id);
  std::sort(all.oldest_first.begin(), all.oldest_first.end());
  return all;
}

void refuse_if_too_many(const manager_core& core, std::size_t others) {
  const std::size_t max_count = core.options().max_sessions_per_user;
  if (others < max_count) return;
  throw error(errc::too_many_sessions, "the user has " + std::to_string(others) +
                                           " sessions; max_sessions_per_user allows " +
                                           std::to_string(max_count) +
                                           ": one of them must end before the next login");
}

}  // namespace

bool limit_sessions(manager_core& core, const login& fresh) {
  auto [own_id, all] = sessions_beside(core, fresh);
  if (core.options().beyond_user_limit == user_limit_policy::refuse_new) {
    refuse_if_too_many(core, all.size());
    return true;
  }
  if (!own_id.empty()) {
    const std::pair<time_point, session_id> own{fresh.created, own_id};
    all.insert(std::upper_bound(all.begin(), all.end(), own), own);
  }
  for (std::size_t i = 0; i + core.options().max_sessions_per_user < all.size(); ++i) {
    const session_id& ended = all[i].second;
    if (ended == fresh.id) return false;
    core.destroy(ended, {.others_than = fresh.user});
    if (ended == own_id) return false;
  }
  return true;
}

void refuse_login_beyond_limit(manager_core& core, const login& fresh) {
  if (core.options().beyond_user_limit != user_limit_policy::refuse_new) return;
  refuse_if_too_many(core, sessions_beside(core, fresh).oldest_first.size());
}

}  // namespace scs::detail
