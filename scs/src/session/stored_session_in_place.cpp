// How a stored_session commits on threads that must not block. It does what takes one call to a
// nonblocking_store, or none. Everything else is left to commit() on another thread.

#include <exception>
#include <utility>

#include <scs/error.hpp>

#include "manager/revocations.hpp"
#include "session/stored_session.hpp"

namespace scs::detail {

bool stored_session::try_commit() {
  if (!data_.changes.merged.empty()) return false;
  return data_.changes.any() ? try_store_changes() : try_extend();
}

bool stored_session::try_store_changes() {
  request_changes& changes = data_.changes;
  const loaded_session& loaded = data_.loaded;
  if (loaded.gone()) {
    if (begins_on_tombstone()) return false;
    throw_gone();
  }
  if (!loaded.live() && !changes.puts_something()) {  // a session without values is not stored
    changes.forget();
    return true;
  }
  const bool limits_sessions = changes.user() && data_.core.options().max_sessions_per_user != 0;
  const bool moves = changes.renews() && loaded.live();
  if (limits_sessions || moves || !data_.core.has_nonblocking_store()) return false;
  mark_beginning();
  if (!loaded.live()) return try_store_new();
  // Threads that wait for their turn would conflict with this commit.
  return !data_.core.turns().is_wanted(loaded.id()) && try_store_replacement();
}

std::optional<commit_result> stored_session::try_create(const session_id& id, std::string_view text,
                                                        time_point expiry, std::string_view user) {
  try {
    return data_.core.try_commit(id, text, expiry, std::nullopt, user);
  } catch (const error& failure) {
    if (failure.code() == errc::store_full) data_.report(event_kind::store_full, {});
    throw;
  }
}

bool stored_session::try_store_new() {
  const payload contents = data_.merged();
  if (is_revoked(contents)) throw_gone();  // also checked whenever the session is loaded
  std::string text = data_.core.encode(contents);
  const token fresh = token::generate();
  const session_id id = fresh.id(data_.core.options().ids);
  const time_point expiry = data_.expiry_of_new(contents);
  std::optional<commit_result> result = try_create(id, text, expiry, contents.user);
  if (!result || result->result != outcome::committed) return false;
  adopt_new(fresh, id, {std::move(text), expiry, std::move(result->revision)});
  data_.report(event_kind::created, id);
  return true;
}

// Rule 2. A conflict is left to commit(), which detects it again.
bool stored_session::try_store_replacement() {
  loaded_session& loaded = data_.loaded;
  if (loaded.is_over()) throw_gone();
  const payload contents = data_.merged();
  if (needs_user_check(data_.changes) && is_revoked(contents)) throw_gone();
  std::string text = data_.core.encode(contents);
  const time_point expiry = data_.expiry_of_replaced(contents);
  std::optional<commit_result> result =
      data_.core.try_commit(loaded.id(), text, expiry, loaded.stored().revision, contents.user);
  if (!result || result->result == outcome::conflict) return false;
  if (result->result == outcome::gone) throw_gone();
  loaded.adopt({std::move(text), expiry, std::move(result->revision)});
  adopt_changes();
  return true;
}

// Rules 7 and 8.
bool stored_session::try_extend() noexcept {
  loaded_session& loaded = data_.loaded;
  try {
    if (!data_.extends_idle_time()) return true;
    const time_point expiry = data_.expiry_of_new(loaded.contents());
    if (!data_.extension_is_due(expiry)) return true;
    if (!data_.core.has_nonblocking_store()) return false;
    const std::optional<bool> extended = data_.core.try_touch(loaded.id(), expiry);
    if (!extended) return false;
    if (*extended) loaded.adopt_expiry(expiry);
  } catch (...) {
    data_.report(event_kind::touch_failed, loaded.id(), std::current_exception());
  }
  return true;
}

}  // namespace scs::detail
