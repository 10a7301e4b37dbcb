// How a stored_session writes to the store.

#include <exception>
#include <utility>

#include <scs/error.hpp>

#include "basics/times.hpp"
#include "manager/retry.hpp"
#include "session/stored_session.hpp"

namespace scs::detail {

void stored_session::commit() {
  request_changes& changes = data_.changes;
  if (changes.any()) {
    mark_beginning();
    std::optional<session_turn> turn;
    const bool refuses_logins =
        data_.core.options().beyond_user_limit == user_limit_policy::refuse_new;
    if (const std::optional<login> fresh = refuses_logins ? limited_login() : std::nullopt) {
      // Without the turn, logins that are stored at the same moment could refuse each other.
      turn.emplace(data_.core.turns(), watermark_id(fresh->user))
          .take(data_.core.options().store_timeout);
      refuse_login_beyond_limit(data_.core, *fresh);
    }
    if (data_.loaded.live()) {
      store_changes();
    } else if (data_.loaded.gone() && !begins_on_tombstone()) {
      throw_gone();
    } else if (changes.puts_something()) {
      store_new();
    } else {
      changes.forget();  // a session without values is not stored
    }
  }
  end_merged_sessions();
}

// Called only after this session has the other sessions' values. If another session was changed
// since it was read, its new values are taken over, too. After that nobody can change it.
void stored_session::end_merged_sessions() {
  request_changes& changes = data_.changes;
  while (!changes.merged.empty()) {
    const request_changes::merged_session read = changes.merged.back();
    bool changed_since = false;
    for (const record& erased :
         data_.core.destroy(read.id, {.id = data_.loaded.id()}, data_.source())) {
      if (erased.revision == read.revision || data_.core.successor_of(erased)) continue;
      changes.take_over(data_.core.decode(erased.payload), data_.user(), data_.loaded.deadline(),
                        data_.core.now());
      changed_since = true;
    }
    changes.merged.pop_back();
    if (!changed_since || !changes.any()) continue;
    if (data_.loaded.live()) {
      store_changes();
    } else {
      store_new();
    }
  }
}

commit_result stored_session::create(const session_id& id, std::string_view text, time_point expiry,
                                     std::string_view user) {
  try {
    return data_.core.create(id, text, expiry, user);
  } catch (const error& failure) {
    if (failure.code() == errc::store_full) data_.report(event_kind::store_full, {});
    throw;
  }
}

void stored_session::store_new() {
  if (!data_.has_visitor) {
    throw error(errc::invalid_value, "a session that was destroyed cannot begin anew here");
  }
  const payload contents = data_.merged();
  std::string text = data_.core.encode(contents);
  // With an honest random generator, a new token is never taken.
  constexpr int tries = 3;
  for (int i = 0; i < tries; ++i) {
    const token fresh = token::generate();
    const session_id id = fresh.id(data_.core.options().ids);
    const time_point expiry = data_.expiry_of_new(contents);
    commit_result result = create(id, text, expiry, contents.user);
    if (result.result != outcome::committed) continue;
    if (tombstone_) store_tombstone_again(id);
    check_new(id, contents, {});
    adopt_new(fresh, id, {std::move(text), expiry, std::move(result.revision)});
    data_.report(event_kind::created, id);
    return;
  }
  throw error(errc::store_failed, "the session store says that new random ids exist already");
}

/// Rules 18 (revocation) and 12 (users). Nobody knows the session's token yet. `before` is the id
/// of the session that it renews.
void stored_session::check_new(const session_id& id, const payload& contents,
                               const session_id& before) {
  try {
    if (is_revoked(contents)) throw_gone();
    if (std::optional<login> fresh = limited_login()) {
      fresh->id = id;
      if (!before.empty()) fresh->replaced.push_back(before);
      if (!limit_sessions(data_.core, *fresh)) throw_gone();
    }
  } catch (...) {
    data_.core.clean_up(id);
    throw;
  }
}

/// The login to which the limit of sessions per user applies.
std::optional<login> stored_session::limited_login() const {
  const auto* user = data_.changes.user();
  if (data_.core.options().max_sessions_per_user == 0 || !user || user->user.empty()) {
    return std::nullopt;
  }
  login fresh{.user = user->user, .id = data_.loaded.id(), .created = user->created};
  for (const auto& merged : data_.changes.merged)
    fresh.replaced.push_back(merged.id);
  return fresh;
}

// Rule 3. The new record is stored first: if a revocation has not erased the tombstone by then, it
// finds the new record when it lists the user's sessions again.
void stored_session::store_tombstone_again(const session_id& fresh) {
  manager_core& core = data_.core;
  const session_id& id = data_.loaded.id();
  session_turn turn{core.turns(), id};
  try {
    for (retry backoff{core};; backoff.wait()) {
      const outcome result =
          core.commit(id, tombstone_->payload, tombstone_->expiry, tombstone_->revision,
                      core.decode(tombstone_->payload).user)
              .result;
      if (result == outcome::committed) return;
      std::optional<record> found;
      if (result == outcome::conflict) {
        wait_for(turn);
        found = core.find(id);
      }
      if (!found || !core.successor_of(*found)) throw_gone();
      *tombstone_ = std::move(*found);
    }
  } catch (...) {
    core.clean_up(fresh);
    throw;
  }
}

// Rule 1.
void stored_session::store_changes() {
  session_turn turn{data_.core.turns(), data_.loaded.id()};
  if (turn.is_wanted() && wait_for(turn)) find_again();
  for (retry backoff{data_.core};; backoff.wait()) {
    const outcome result = data_.changes.renews() ? store_renewed() : store_merged_changes();
    if (result == outcome::committed) return;
    if (result == outcome::gone) throw_gone();
    data_.report(event_kind::conflict, data_.loaded.id());
    wait_for(turn);
    find_again();
  }
}

stored_session::outcome stored_session::store_merged_changes() {
  const outcome result = store_replacement(data_.changes);
  if (result == outcome::committed) adopt_changes();
  return result;
}

/// Replaces the record by itself with these changes applied.
stored_session::outcome stored_session::store_replacement(const request_changes& applied) {
  loaded_session& loaded = data_.loaded;
  if (loaded.is_over()) return outcome::gone;
  const payload contents = data_.with(applied);  // its views point into the present record
  std::string text = data_.core.encode(contents);
  const time_point expiry = data_.expiry_of_replaced(contents);
  // Rule 12: a login writes the index entry even if the session has this user already. A lost entry
  // would hide the session from listings.
  if (applied.user() && !contents.user.empty() && contents.user == loaded.contents().user) {
    data_.core.write_index_entry(loaded.id(), contents.user, expiry);
  }
  commit_result result =
      data_.core.commit(loaded.id(), text, expiry, loaded.stored().revision, contents.user);
  if (result.result == outcome::committed && needs_user_check(applied)) {
    check_replaced(applied, contents, result.revision);
  }
  if (result.result == outcome::committed) {
    loaded.adopt({std::move(text), expiry, std::move(result.revision)});
  }
  return result.result;
}

/// Rules 18 (revocation) and 12 (users), after the record was stored at this revision. If the
/// watermark cannot be read, the record stays. It is checked whenever the session is loaded.
void stored_session::check_replaced(const request_changes& applied, const payload& contents,
                                    const std::string& revision) {
  // What another request has stored since is not erased: it cannot be loaded while it is this
  // user's.
  const auto erase = [&] { data_.core.commit(data_.loaded.id(), {}, time_point{}, revision, {}); };
  if (is_revoked(contents)) {
    erase();
    throw_gone();
  }
  const std::optional<login> fresh = applied.user() ? limited_login() : std::nullopt;
  if (!fresh) return;
  try {
    if (!limit_sessions(data_.core, *fresh)) throw_gone();
  } catch (...) {
    try {
      erase();
    } catch (...) {
      data_.core.report(event_kind::cleanup_failed, data_.loaded.id(), std::current_exception());
    }
    throw;
  }
}

// Rule 3: the new record is stored first, so that there is always one. Until the tombstone is
// stored, nobody knows the new token. If storing the tombstone fails, the new record is erased.
stored_session::outcome stored_session::store_renewed() {
  manager_core& core = data_.core;
  loaded_session& loaded = data_.loaded;
  const session_id before = loaded.id();
  if (loaded.is_over()) return outcome::gone;
  const time_point now = core.now();
  payload contents = data_.merged();
  contents.deadline = data_.changes.deadline().value_or(later(now, core.options().lifetime));
  // Under id_mode::raw this would be a token, and there are no tombstones.
  if (core.options().ids == id_mode::hashed) contents.renewed_from = before.text();
  std::string text = core.encode(contents);
  const token fresh = token::generate();
  const session_id id = fresh.id(core.options().ids);
  const time_point expiry = data_.expiry_of_renewed(contents);
  commit_result written = create(id, text, expiry, contents.user);
  if (written.result != outcome::committed) return outcome::conflict;
  check_new(id, contents, before);

  payload tombstone;
  tombstone.deadline = later(core.now(), loaded_session::tombstone_lifetime);
  // A listing of the user's sessions that misses the new record follows the tombstone to it.
  tombstone.user = contents.user.empty() ? loaded.contents().user : contents.user;
  tombstone.moved_to = id.text();
  outcome replaced = outcome::conflict;
  try {
    replaced = core.commit(before, core.encode(tombstone), tombstone.deadline,
                           loaded.stored().revision, tombstone.user)
                   .result;
  } catch (...) {
    core.clean_up(id);
    throw;
  }
  if (replaced != outcome::committed) {
    core.clean_up(id);
    return replaced;
  }
  if (core.options().ids == id_mode::raw) core.clean_up(before);  // rule 9 (identifiers)
  adopt_new(fresh, id, {std::move(text), expiry, std::move(written.revision)});
  data_.report(event_kind::renewed, id);
  return outcome::committed;
}

/// Makes the session that was just stored this request's session.
void stored_session::adopt_new(const token& fresh, const session_id& id, record&& stored) {
  tombstone_.reset();
  token_ = fresh;
  data_.loaded.adopt(std::move(stored));
  data_.loaded.adopt_live(id);
  data_.response.send_token();
  data_.changes.forget();
}

/// The record contains the changes now.
void stored_session::adopt_changes() noexcept {
  if (data_.changes.deadline() || data_.changes.remember_me()) data_.response.send_cookie();
  data_.changes.forget();
}

}  // namespace scs::detail
