#include <algorithm>
#include <utility>

#include <scs/error.hpp>

#include "manager/user_sessions.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

namespace {

/// How long the old token of a renewed session is still known, for requests that are in flight.
constexpr std::chrono::seconds tombstone_lifetime{60};

/// Rule 8: which part of the idle timeout must have passed before it is extended.
constexpr int idle_parts = 20;

}  // namespace

std::vector<header> session_state::commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return {};
  commit_failed_ = true;  // until it has not
  if (!changed()) extend_idle_time();
  store_changes();
  commit_failed_ = false;
  updated_ = false;
  return response_headers();
}

void session_state::save() {
  require_loaded();
  if (status() != session_status::modified) return;
  commit_failed_ = true;
  store_changes();
  commit_failed_ = false;
  // The status stays `modified` until the commit: an adapter looks at it to find out whether a
  // stream has changed the session.
  updated_ = true;
}

void session_state::commit_changes_only() {
  if (failure_) std::rethrow_exception(failure_);
  store_changes();
}

void session_state::store_changes() {
  if (client_) {
    if (changed()) commit_to_cookie();
    return;
  }
  if (changed()) {
    // Taken before the commit forgets it.
    const std::size_t limit = core_.options().max_sessions_per_user;
    const std::string user = limit != 0 && new_user_ ? new_user_->user : std::string{};
    if (kind_ == kind::live) {
      commit_changes();
    } else if (kind_ == kind::gone && !begins_anew()) {
      throw_gone();
    } else if (puts_something()) {
      create();
    } else {
      forget_changes();  // a session without values is not stored
    }
    if (!user.empty()) limit_sessions(core_, user, limit);
  }
  end_merged_sessions();
}

// Only after this session has its values. If it was changed since it was read, there is more to
// take over; nobody can change it any more.
void session_state::end_merged_sessions() {
  while (!merged_sessions_.empty()) {
    const merged_session read = merged_sessions_.back();
    bool changed_since = false;
    for (const record& erased : core_.destroy(read.id, id_)) {
      if (erased.revision == read.revision || core_.successor_of(erased)) continue;
      take_over(core_.decode(erased.payload));
      changed_since = true;
    }
    merged_sessions_.pop_back();
    if (!changed_since || !changed()) continue;
    if (kind_ == kind::live) {
      commit_changes();
    } else {
      create();
    }
  }
}

// Rules 4 and 5.
std::vector<header> session_state::abandon() {
  forget_changes();
  merged_sessions_.clear();
  updated_ = false;
  if (!failure_ && !commit_failed_) extend_idle_time();
  return response_headers();
}

/// What the store says with this request's changes applied. Holds views into both.
payload session_state::merged() {
  payload contents;
  const std::vector<payload::member> none;
  const bool live = kind_ == kind::live;
  const std::vector<payload::member>& old = live && !cleared_ ? base().data : none;
  contents.data.reserve(old.size() + changes_.size());
  auto kept = old.begin();
  for (const auto& [key, json] : changes_) {
    for (; kept != old.end() && kept->key < key; ++kept)
      contents.data.push_back(*kept);
    if (kept != old.end() && kept->key == key) ++kept;
    if (json) contents.data.push_back({key, *json});
  }
  contents.data.insert(contents.data.end(), kept, old.end());
  contents.deadline = new_deadline_.value_or(live ? base().deadline : fresh_deadline_);
  contents.remember_me = new_remember_me_;
  if (live) {
    if (!contents.remember_me) contents.remember_me = base().remember_me;
    if (!cleared_) copy_properties(contents, base());
    contents.others = base().others;
  }
  if (new_user_) {
    contents.user = new_user_->user;
    contents.where = new_user_->where;
    contents.created.reset();
    contents.seen.reset();
    if (!contents.user.empty()) contents.created = contents.seen = new_user_->created;
  }
  return contents;
}

/// What is written with a user's session.
void session_state::copy_properties(payload& to, const payload& from) const {
  if (from.user.empty()) return;
  to.user = from.user;
  to.created = from.created;
  to.where = from.where;
  to.seen = of_request_ ? core_.now() : from.seen;
}

/// What the store says with one key changed.
payload session_state::with(std::string_view key, std::string_view json) {
  payload contents;
  const std::vector<payload::member>& old = base().data;
  const auto position = std::lower_bound(
      old.begin(), old.end(), key,
      [](const payload::member& member, std::string_view k) { return member.key < k; });
  contents.data.reserve(old.size() + 1);
  contents.data.assign(old.begin(), position);
  contents.data.push_back({key, json});
  const bool there = position != old.end() && position->key == key;
  contents.data.insert(contents.data.end(), there ? position + 1 : position, old.end());
  contents.deadline = base().deadline;
  copy_properties(contents, base());
  contents.remember_me = base().remember_me;
  contents.others = base().others;
  return contents;
}

time_point session_state::expiry_of_new(time_point deadline) const {
  const std::chrono::nanoseconds idle = core_.options().idle_timeout;
  return idle.count() == 0 ? deadline : std::min(deadline, core_.now() + idle);
}

/// Rule 7: whether the deadline has passed, though the store may keep the record longer.
bool session_state::is_over() {
  return core_.has_come(base().deadline);
}

// Rule 7: only a deadline that this request lowered lowers the expiry.
time_point session_state::expiry_of_replaced(time_point deadline) {
  const bool idles = core_.options().idle_timeout.count() != 0;
  const time_point expiry =
      idles && !of_request_ ? record_.expiry : std::max(expiry_of_new(deadline), record_.expiry);
  return deadline < base().deadline ? std::min(expiry, deadline) : expiry;
}

void session_state::create() {
  if (!of_request_) {
    throw error(errc::invalid_value, "a session that was destroyed cannot begin anew here");
  }
  const payload contents = merged();
  std::string text = core_.encode(contents);
  // That a new token is taken already does not happen with an honest random generator.
  constexpr int tries = 3;
  for (int i = 0; i < tries; ++i) {
    const token fresh = token::generate();
    const session_id id = fresh.id(core_.options().ids);
    const time_point expiry = expiry_of_new(contents.deadline);
    commit_result result = core_.create(id, text, expiry, contents.user);
    if (result.result != commit_result::outcome::committed) continue;
    if (tombstone_) confirm_tombstone(id);
    created(fresh, id, {std::move(text), expiry, std::move(result.revision)});
    return;
  }
  throw error(errc::store_failed, "the session store says that new random ids exist already");
}

// Rule 3. The new record comes first: a revocation that has not erased the tombstone by now finds
// the new record when it lists the user's sessions again.
void session_state::confirm_tombstone(const session_id& fresh) {
  session_turn turn{core_.turns(), id_};
  try {
    for (retry again{core_};; again.wait()) {
      const auto outcome = core_
                               .commit(id_, tombstone_->payload, tombstone_->expiry,
                                       tombstone_->revision, core_.decode(tombstone_->payload).user)
                               .result;
      if (outcome == commit_result::outcome::committed) return;
      std::optional<record> found;
      if (outcome == commit_result::outcome::conflict) {
        take(turn);
        found = core_.find(id_);
      }
      if (!found || !core_.successor_of(*found)) throw_gone();
      tombstone_ = std::move(*found);
    }
  } catch (...) {
    core_.clean_up(fresh);
    throw;
  }
}

void session_state::created(const token& fresh, const session_id& id, record&& stored) {
  become(fresh, id, std::move(stored));
  core_.report(event_kind::created, id);
}

/// The request's session is now this one, which has just been stored.
void session_state::become(const token& fresh, const session_id& id, record&& stored) {
  kind_ = kind::live;
  tombstone_.reset();
  token_ = fresh;
  id_ = id;
  record_ = std::move(stored);
  base_is_current_ = false;
  cookie_is_due_ = true;
  token_is_new_ = true;
  forget_changes();
}

// Rule 1.
void session_state::commit_changes() {
  session_turn turn{core_.turns(), id_};
  if (turn.is_wanted() && take(turn)) reread();
  for (retry again{core_};; again.wait()) {
    const auto outcome = renew_ ? move_to_new_token() : replace_by_changes();
    if (outcome == commit_result::outcome::committed) return;
    if (outcome == commit_result::outcome::gone) throw_gone();
    core_.report(event_kind::conflict, id_);
    take(turn);
    reread();
  }
}

bool session_state::take(session_turn& turn) const {
  return turn.take(core_.options().store_timeout);
}

commit_result::outcome session_state::replace_by_changes() {
  const payload contents = merged();
  const auto outcome = replace(contents, contents.deadline);
  if (outcome == commit_result::outcome::committed) changes_are_stored();
  return outcome;
}

void session_state::changes_are_stored() {
  cookie_is_due_ = cookie_is_due_ || new_deadline_ || new_remember_me_;
  forget_changes();
}

/// Puts `contents`, which may have views into the present record, in its place.
commit_result::outcome session_state::replace(const payload& contents, time_point deadline) {
  if (is_over()) return commit_result::outcome::gone;
  std::string text = core_.encode(contents);
  const time_point expiry = expiry_of_replaced(deadline);
  commit_result result = core_.commit(id_, text, expiry, record_.revision, contents.user);
  if (result.result == commit_result::outcome::committed) {
    replaced({std::move(text), expiry, std::move(result.revision)});
  }
  return result.result;
}

void session_state::replaced(record&& stored) {
  record_ = std::move(stored);
  base_is_current_ = false;
}

// Rule 3: the new record first, so that there is never a moment without one. Until the tombstone
// stands, nobody knows the new token; if it cannot be set, the new record goes again.
commit_result::outcome session_state::move_to_new_token() {
  if (is_over()) return commit_result::outcome::gone;
  const time_point now = core_.now();
  payload contents = merged();
  contents.deadline = new_deadline_.value_or(now + core_.options().lifetime);
  // Under id_mode::raw this would be a token; and there are no tombstones.
  if (core_.options().ids == id_mode::hashed) contents.renewed_from = id_.text();
  std::string text = core_.encode(contents);
  const token fresh = token::generate();
  const session_id id = fresh.id(core_.options().ids);
  const time_point expiry = expiry_of_new(contents.deadline);
  commit_result written = core_.create(id, text, expiry, contents.user);
  if (written.result != commit_result::outcome::committed) return commit_result::outcome::conflict;

  payload tombstone;
  tombstone.deadline = core_.now() + tombstone_lifetime;
  // A revocation of the user's sessions then also ends a session that began on the tombstone.
  tombstone.user = contents.user.empty() ? base().user : contents.user;
  tombstone.moved_to = id.text();
  commit_result buried;
  try {
    buried = core_.commit(id_, core_.encode(tombstone), tombstone.deadline, record_.revision,
                          tombstone.user);
  } catch (...) {
    core_.clean_up(id);
    throw;
  }
  if (buried.result != commit_result::outcome::committed) {
    core_.clean_up(id);
    return buried.result;
  }
  if (core_.options().ids == id_mode::raw) core_.clean_up(id_);  // rule 9 (identifiers)
  become(fresh, id, {std::move(text), expiry, std::move(written.revision)});
  core_.report(event_kind::renewed, id);
  return commit_result::outcome::committed;
}

/// After a conflict: what the store says now.
void session_state::reread() {
  std::optional<record> found = core_.find(id_);
  if (!found) throw_gone();
  base_is_current_ = false;
  record_ = std::move(*found);
  try {
    base();
  } catch (...) {
    core_.report(event_kind::payload_undecodable, id_, std::current_exception());
    throw_gone();
  }
  if (!base_.moved_to.empty() || core_.has_come(std::min(record_.expiry, base_.deadline))) {
    throw_gone();
  }
}

// Rule 2.
void session_state::throw_gone() {
  // What a conflict has read may be the tombstone: at its revision nothing must be written any
  // more.
  kind_ = kind::gone;
  tombstone_.reset();
  core_.report(event_kind::gone, id_);
  throw error(errc::session_gone,
              "the session was destroyed, renewed or has expired while this request was changing "
              "it; none of the request's changes were stored");
}

// Rule 8.
bool session_state::extension_is_due(time_point expiry) const {
  const std::chrono::nanoseconds idle = core_.options().idle_timeout;
  return idle.count() != 0 && expiry - record_.expiry >= idle / idle_parts;
}

void session_state::extend_idle_time() noexcept {
  if (client_) return extend_in_cookie();
  if (core_.options().idle_timeout.count() == 0 || kind_ != kind::live) return;
  try {
    const time_point expiry = expiry_of_new(base().deadline);
    if (!extension_is_due(expiry)) return;
    if (core_.touch(id_, expiry)) record_.expiry = expiry;
  } catch (...) {
    core_.report(event_kind::touch_failed, id_, std::current_exception());  // rule 7 (expiry)
  }
}

}  // namespace scs::detail
