// How a manager ends sessions in the store.

#include <exception>
#include <unordered_set>
#include <utility>

#include <scs/error.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

namespace {

/// After this many lost compare-and-erase races, destroy() erases unconditionally.
constexpr int changes_waited_for = 100;

[[noreturn]] void throw_changing() {
  throw error(errc::store_timeout,
              "other requests kept changing the session that was to be revoked; it may have ended "
              "or not");
}

}  // namespace

std::optional<session_id> manager_core::successor_of(const record& found) const {
  try {
    const payload contents = decode(found.payload);
    if (contents.moved_to.empty()) return std::nullopt;
    return session_id::from_text(contents.moved_to);
  } catch (const error&) {
    return std::nullopt;  // an unreadable record has no successor
  }
}

bool manager_core::belongs_to(const record& found, std::string_view user) const {
  try {
    return !user.empty() && decode(found.payload).user == user;
  } catch (const error&) {
    return false;
  }
}

// Erases the last record of a chain first, and each record only at the revision that was read. So
// the successor of each record is known before it is erased, and while any record is left, a chain
// from the first one leads to it. A caller that tries again after the store has failed in between
// therefore finds all of them.
std::vector<record> manager_core::destroy(const session_id& id, const spared_records& spared,
                                          const event_source& by) {
  if (!store_) {
    throw error(errc::not_supported,
                "sessions live in their cookies: a single one cannot be ended from elsewhere; "
                "raise its user's epoch (epoch_of) to end all sessions of the user");
  }
  std::vector<link> chain;
  std::unordered_set<session_id> seen;
  std::vector<record> destroyed;
  std::optional<session_id> next = id;
  const bool one_user = !spared.others_than.empty();
  int changes = 0;
  std::optional<session_turn> turn;
  while (next || !chain.empty()) {
    if (next) {
      if (*next == spared.id) break;
      const session_id at = *std::exchange(next, std::nullopt);
      std::optional<record> found = find(at);
      if (!found) {
        next = confirm_absence(at, destroyed);
        continue;
      }
      if (!seen.insert(at).second) continue;
      if (one_user && !belongs_to(*found, spared.others_than)) continue;
      next = successor_of(*found);
      chain.push_back({at, std::move(*found)});
      continue;
    }
    link last = std::move(chain.back());
    chain.pop_back();
    seen.erase(last.id);
    // Compare and erase, by the store's contract.
    const auto outcome = commit(last.id, {}, time_point{}, last.found.revision, {}).result;
    if (outcome == commit_result::outcome::committed) {
      destroyed.push_back(std::move(last.found));
    } else if (outcome == commit_result::outcome::gone) {
      next = confirm_absence(last.id, destroyed);  // another erasure may not be durable yet
    } else if (outcome == commit_result::outcome::conflict) {
      next = last.id;  // it was changed or renewed: read it again
      turn.reset();
      turn.emplace(turns_, last.id).take(options_.store_timeout);
      if (++changes <= changes_waited_for) continue;
      if (one_user) throw_changing();
      next = confirm_absence(last.id, destroyed);
    }
  }
  turn.reset();
  if (!destroyed.empty()) report_destroyed(id, destroyed.front(), by);
  return destroyed;
}

// A record may be absent because an earlier erasure threw when too few replicas confirmed it. A
// failover could bring the record back. So its absence is written like an erasure, and a logout
// that succeeds is permanent.
std::optional<session_id> manager_core::confirm_absence(const session_id& id,
                                                        std::vector<record>& destroyed) {
  if (is_reserved(id)) return std::nullopt;
  std::optional<record> erased = erase(id);
  if (!erased) return std::nullopt;
  std::optional<session_id> next = successor_of(*erased);
  destroyed.push_back(std::move(*erased));
  return next;
}

void manager_core::report_destroyed(const session_id& id, const record& destroyed,
                                    event_source by) const noexcept {
  payload contents;
  if (tells_events() && by.user.empty()) {
    try {
      contents = decode(destroyed.payload);
      by.user = contents.user;
    } catch (const error&) {  // NOLINT(bugprone-empty-catch): nobody's, as far as anybody can tell
    }
  }
  report(event_kind::destroyed, id, {}, by);
}

void manager_core::clean_up(const session_id& id) noexcept {
  try {
    erase(id);
  } catch (...) {
    report(event_kind::cleanup_failed, id, std::current_exception());
  }
}

}  // namespace scs::detail
