#include "manager/user_sessions.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <scs/error.hpp>

#include "manager/revocations.hpp"

namespace scs::detail {

namespace {

struct listed_session {
  user_session shown{};
  session_id renewed_from{};
  time_point begun{};
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
  /// Those that began after `ended_until`.
  collector(manager_core& core, std::string_view user, time_point ended_until)
      : core_(core), user_(user), ended_until_(ended_until) {}

  void run() {
    core_.for_each_of_user(user_, [&](const session_id& id, const record& found) {
      take(id, found);
      return visit::next;
    });
    // What was renewed during the listing may be in it as a tombstone only. Tombstones that it has
    // visited lead nowhere else: the store is not asked for each of them.
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

  /// Where the session with this id is by now, as far as the listing has met tombstones.
  session_id current_of(session_id id) const {
    std::size_t steps = 0;  // a store might hold a circle
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
      return;  // loading it reports it
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
  std::set<session_id> seen_;  // tombstones, and what they lead to
};

}  // namespace

user_listing list_sessions(manager_core& core, std::string_view user) {
  collector found{core, user, revoked_until(core, user)};
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

/// What a revocation has ended, and would otherwise stay in the store until it expires.
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
      // A tombstone may lead to a session that lives on: a logout must still find it.
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
  constexpr int max_passes = 3;  // nobody can use what is left
  for (int pass = 0; pass < max_passes; ++pass) {
    bool erased_any = false;
    for (const ended_record& each : list_ended(core, user, raised.now, latest_deadline)) {
      if (each.id == present) continue;  // its request is still to be committed
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

namespace {

/// The user's other sessions, by the moment of their logins and then by id: an order that is the
/// same for everybody, or two logins at once could end each other.
std::vector<std::pair<time_point, session_id>> oldest_first(manager_core& core,
                                                            const login& fresh) {
  collector found{core, fresh.user, revoked_until(core, fresh.user)};
  found.run();
  found.live().erase(fresh.id);
  for (const session_id& replaced : fresh.replaced)
    found.live().erase(found.current_of(replaced));
  std::vector<std::pair<time_point, session_id>> in_order;
  for (const auto& [id, session] : found.live())
    in_order.emplace_back(session.shown.created, id);
  std::sort(in_order.begin(), in_order.end());
  return in_order;
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
  auto all = oldest_first(core, fresh);
  if (core.options().beyond_user_limit == user_limit_policy::refuse_new) {
    refuse_if_too_many(core, all.size());
    return true;
  }
  const std::pair<time_point, session_id> own{fresh.created, fresh.id};
  all.insert(std::upper_bound(all.begin(), all.end(), own), own);
  for (std::size_t i = 0; i + core.options().max_sessions_per_user < all.size(); ++i) {
    if (all[i].second == fresh.id) return false;
    core.destroy(all[i].second, {.others_than = fresh.user});
  }
  return true;
}

void refuse_login_beyond_limit(manager_core& core, const login& fresh) {
  if (core.options().beyond_user_limit != user_limit_policy::refuse_new) return;
  refuse_if_too_many(core, oldest_first(core, fresh).size());
}

}  // namespace scs::detail
