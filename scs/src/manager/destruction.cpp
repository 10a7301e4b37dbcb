// How a manager ends sessions in the store.

#include <exception>
#include <unordered_set>
#include <utility>

#include <scs/error.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

namespace {

/// How often a logout finds that the record has changed before it stops to be polite.
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
    return std::nullopt;  // whatever it is, it leads nowhere
  }
}

bool manager_core::belongs_to(const record& found, std::string_view user) const {
  try {
    return !user.empty() && decode(found.payload).user == user;
  } catch (const error&) {
    return false;
  }
}

// The last of a chain goes first, and each record only as it was when it was looked at: so it is
// known what it leads to before it goes, and as long as anything is left, something leads to it.
// That holds also for who calls this again after the store has failed in the middle.
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
    // Compare and erase, as the store's contract has it.
    const auto outcome = commit(last.id, {}, time_point{}, last.found.revision, {}).result;
    if (outcome == commit_result::outcome::committed) {
      destroyed.push_back(std::move(last.found));
    } else if (outcome == commit_result::outcome::gone) {
      next = confirm_absence(last.id, destroyed);  // whoever was faster may not know it yet
    } else if (outcome == commit_result::outcome::conflict) {
      next = last.id;  // it was changed, or renewed: look again
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

// What is absent may have been erased by a call that threw, because too few replicas confirmed it:
// a failover could bring it back. So its absence is written like an erasure: a logout that succeeds
// lasts.
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
