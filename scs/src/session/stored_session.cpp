#include "session/stored_session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <scs/error.hpp>

#include "manager/retry.hpp"
#include "manager/revocations.hpp"

namespace scs::detail {

void stored_session::open() {
  open_from(read_from::copy_or_engine);
}

void stored_session::open_fresh() {
  loaded_session& loaded = data_.loaded;
  if (loaded.state() == loaded_session::kind::unknown) return open_from(read_from::engine);
  if (!loaded.live()) return;
  if (find_candidate(loaded.id(), read_from::engine) != candidate::live) throw_gone();
  data_.reapply_flashes();
}

void stored_session::open_from(read_from from) {
  std::optional<record> tombstone;
  session_id tombstone_id;
  for (std::size_t i = 0; i < candidates_.count; ++i) {
    const session_id id = candidates_.tokens[i]->id(data_.core.options().ids);
    const candidate found = find_candidate(id, from);
    if (found == candidate::live) {
      token_ = candidates_.tokens[i];
      data_.loaded.adopt_live(id);
      data_.report(event_kind::loaded, id);
      return;
    }
    if (found != candidate::tombstone) continue;
    if (data_.loaded.is_old_tombstone() && ends_by_old_token(id)) continue;
    if (!tombstone) {
      tombstone = data_.loaded.take();
      tombstone_id = id;
    }
  }
  if (!candidates_.excess.empty()) data_.report(event_kind::tokens_ignored, {});
  if (!tombstone) return data_.loaded.adopt_none();
  tombstone_ = std::make_unique<record>(std::move(*tombstone));
  data_.loaded.adopt_tombstone(tombstone_id);
}

/// Rule 3: handles a token that was renewed before the grace period, so that no request of the
/// visitor should bring it. Returns whether the policy has ended its session and erased the
/// tombstone.
bool stored_session::ends_by_old_token(const session_id& id) {
  data_.report(event_kind::old_token, id);
  if (data_.core.options().old_tokens != old_token_policy::revoke) return false;
  data_.owes_sync = data_.core.owes_sync_of_erasures();
  data_.core.destroy(id, {}, data_.source());
  return true;
}

/// Reads the record with this id and adopts it, whatever it is.
stored_session::candidate stored_session::find_candidate(const session_id& id, read_from from) {
  loaded_session& loaded = data_.loaded;
  session_with_watermark found = data_.core.find_session(id, from);
  if (!found.session) return candidate::absent;
  loaded.adopt(std::move(*found.session));
  try {
    loaded.contents();
  } catch (...) {
    data_.report(event_kind::payload_undecodable, id, std::current_exception());
    return candidate::absent;
  }
  if (loaded.has_expired()) {  // rule 7 (expiry)
    data_.report(event_kind::expired, id);
    return candidate::absent;
  }
  if (loaded.is_tombstone()) return candidate::tombstone;
  const payload& contents = loaded.contents();
  const time_point until = revoked_until(data_.core, contents.user, found, from);
  if (detail::is_revoked(contents, until) && !is_spared(contents, until)) {  // rule 18
    data_.report(event_kind::revoked, id);
    return candidate::absent;
  }
  return candidate::live;
}

bool stored_session::adopt_record(const session_id& id, const record& found) {
  loaded_session& loaded = data_.loaded;
  loaded.adopt(record{found});
  try {
    loaded.contents();
  } catch (const error&) {
    data_.report(event_kind::payload_undecodable, id, std::current_exception());
    return false;
  }
  if (loaded.is_tombstone() || loaded.has_expired() || is_revoked(loaded.contents())) return false;
  if (is_being_renewed(id, loaded.contents())) return false;
  loaded.adopt_live(id);
  return true;
}

/// Whether the record is the new record of a renewal that has not written its tombstone yet, or
/// never will. Then there is another record of the same session, and changes of this one may be
/// erased.
bool stored_session::is_being_renewed(const session_id& id, const payload& contents) {
  if (contents.renewed_from.empty()) return false;
  const std::optional<record> before =
      data_.core.find_fresh(session_id::from_text(contents.renewed_from));
  return before && data_.core.successor_of(*before) != id;
}

/// Reads the record again after a conflict.
void stored_session::find_again() {
  loaded_session& loaded = data_.loaded;
  std::optional<record> found = data_.core.find_fresh(loaded.id());
  if (!found) throw_gone();
  loaded.adopt(std::move(*found));
  try {
    loaded.contents();
  } catch (...) {
    data_.report(event_kind::payload_undecodable, loaded.id(), std::current_exception());
    throw_gone();
  }
  if (loaded.is_tombstone() || loaded.has_expired()) throw_gone();
  data_.reapply_flashes();
}

// Rule 8.
void stored_session::extend() noexcept {
  loaded_session& loaded = data_.loaded;
  try {
    if (!data_.extends_idle_time()) return;
    const time_point expiry = data_.expiry_of_new(loaded.contents());
    if (!data_.extension_is_due(expiry)) return;
    if (data_.core.touch(loaded.id(), expiry)) loaded.adopt_expiry(expiry);
  } catch (...) {  // rule 7 (expiry)
    data_.report(event_kind::touch_failed, loaded.id(), std::current_exception());
  }
}

void stored_session::end() {
  const session_id& own = data_.loaded.id();
  const event_source by = data_.source();
  if (!own.empty()) data_.core.destroy(own, {}, by);
  for (std::size_t i = 0; i < candidates_.count; ++i) {
    const session_id id = candidates_.tokens[i]->id(data_.core.options().ids);
    if (id != own) data_.core.destroy(id, {}, by);
  }
  for (const token& each : candidates_.excess)
    data_.core.destroy(each.id(data_.core.options().ids), {}, by);
  tombstone_.reset();
  token_.reset();
}

bool stored_session::update(std::string_view key, const json_update& make) {
  if (data_.loaded.gone() && !begins_on_tombstone()) throw_gone();
  if (!data_.loaded.live()) {
    data_.put(key, make(data_.find(key)));
    return false;
  }
  session_turn turn{data_.core.turns(), data_.loaded.id()};
  if (turn.is_wanted() && wait_for(turn)) find_again();
  for (retry backoff{data_.core};; backoff.wait()) {
    std::string json = make(data_.find(key));
    request_changes update_alone;
    update_alone.set(key, json);
    const outcome stored = store_replacement(update_alone);
    if (stored == outcome::gone) throw_gone();
    if (stored == outcome::committed) {
      data_.changes.settle(key, std::move(json));
      return true;
    }
    data_.report(event_kind::conflict, data_.loaded.id());
    wait_for(turn);
    find_again();
  }
}

bool stored_session::merge(std::string_view token_text) {
  const std::optional<token> other = token::parse(token_text);
  if (!other) return false;
  if (data_.loaded.gone() && !begins_on_tombstone()) throw_gone();
  const session_id id = other->id(data_.core.options().ids);
  if (data_.loaded.live() && id == data_.loaded.id()) return false;
  session_with_watermark found = data_.core.find_session(id, read_from::copy_or_engine);
  if (!found.session) return false;
  loaded_session read{data_.core};
  read.adopt(std::move(*found.session));
  try {
    read.contents();
  } catch (const error&) {
    data_.report(event_kind::payload_undecodable, id, std::current_exception());
    return false;
  }
  if (read.is_tombstone() || read.has_expired() ||
      detail::is_revoked(read.contents(), revoked_until(data_.core, read.contents().user, found,
                                                        read_from::copy_or_engine))) {
    return false;
  }
  data_.changes.take_over(read.contents(), data_.user(), data_.loaded.deadline(), data_.core.now());
  data_.changes.merged.push_back({id, read.stored().revision});
  return true;
}

std::string_view stored_session::token_text() const noexcept {
  return token_ ? token_->text() : std::string_view{};
}

/// Rule 18: a session that gets its user began when its request was loaded, not now.
void stored_session::mark_beginning() {
  const auto* user = data_.changes.user();
  if (!user || user->user.empty() || user->begun) return;
  data_.changes.set_user_begun(began(data_.core, user->user, data_.start));
}

/// Whether the commit creates a session that a revocation must notice. After it is stored, either
/// the revocation's listing contains it, or the watermark exists already.
bool stored_session::needs_user_check(const request_changes& applied) noexcept {
  return applied.user() || applied.renews() || applied.deadline();
}

bool stored_session::is_revoked(const payload& contents) {
  return detail::is_revoked(data_.core, contents);
}

/// Whether a revocation by this request spares its session. The user's other sessions end.
bool stored_session::is_spared(const payload& contents, time_point until) const noexcept {
  const auto* spared = data_.changes.spared();
  return spared && spared->user == contents.user && spared->begun > until;
}

/// Whether the commit begins a session in the place of a tombstone.
bool stored_session::begins_on_tombstone() const noexcept {
  return data_.changes.renews() && tombstone_ != nullptr;
}

bool stored_session::wait_for(session_turn& turn) const {
  return turn.take(data_.core.options().store_timeout);
}

void stored_session::throw_gone() {
  tombstone_.reset();
  data_.throw_gone();
}

}  // namespace scs::detail
