// The part of session_state that commits on threads which must not wait: what takes one call of a
// store that can make it at once, or none. Whatever needs more is left to commit(), elsewhere.

#include <utility>

#include <scs/error.hpp>

#include "session/session_state.hpp"

namespace scs::detail {

std::optional<std::vector<header>> session_state::try_commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return std::vector<header>{};
  if (client_) {  // the application may have to be asked for a user's epoch
    if (changed() || core_.options().idle_timeout.count() != 0) return std::nullopt;
    return commit();
  }
  if (!merged_sessions_.empty()) return std::nullopt;
  commit_failed_ = true;  // until it has not
  const bool done = changed() ? try_store_changes() : try_extend_idle_time();
  commit_failed_ = false;
  if (!done) return std::nullopt;
  updated_ = false;
  return response_headers();
}

bool session_state::try_store_changes() {
  if (kind_ == kind::gone) {
    if (begins_anew()) return false;
    throw_gone();
  }
  if (kind_ == kind::none && !puts_something()) {  // a session without values is not stored
    forget_changes();
    return true;
  }
  const bool limits_sessions = new_user_ && core_.options().max_sessions_per_user != 0;
  const bool moves = renew_ && kind_ == kind::live;
  if (limits_sessions || moves || core_.commit_waits_now()) return false;
  if (kind_ != kind::live) return try_create();
  // Those who wait for their turn would meet this commit.
  return !core_.turns().is_wanted(id_) && try_replace();
}

bool session_state::try_create() {
  const payload contents = merged();
  std::string text = core_.encode(contents);
  const token fresh = token::generate();
  const session_id id = fresh.id(core_.options().ids);
  const time_point expiry = expiry_of_new(contents.deadline);
  std::optional<commit_result> result =
      core_.try_commit(id, text, expiry, std::nullopt, contents.user);
  if (!result || result->result != commit_result::outcome::committed) return false;
  created(fresh, id, {std::move(text), expiry, std::move(result->revision)});
  return true;
}

// Rule 2. A conflict is left to commit(), which meets it again.
bool session_state::try_replace() {
  if (is_over()) throw_gone();
  const payload contents = merged();
  std::string text = core_.encode(contents);
  const time_point expiry = expiry_of_replaced(contents.deadline);
  std::optional<commit_result> result =
      core_.try_commit(id_, text, expiry, record_.revision, contents.user);
  if (!result || result->result == commit_result::outcome::conflict) return false;
  if (result->result == commit_result::outcome::gone) throw_gone();
  replaced({std::move(text), expiry, std::move(result->revision)});
  changes_are_stored();
  return true;
}

// Rules 7 and 8.
bool session_state::try_extend_idle_time() noexcept {
  if (core_.options().idle_timeout.count() == 0 || kind_ != kind::live) return true;
  try {
    const time_point expiry = expiry_of_new(base().deadline);
    if (!extension_is_due(expiry)) return true;
    if (core_.commit_waits_now()) return false;
    const std::optional<bool> extended = core_.try_touch(id_, expiry);
    if (!extended) return false;
    if (*extended) record_.expiry = expiry;
  } catch (...) {
    core_.report(event_kind::touch_failed, id_, std::current_exception());
  }
  return true;
}

}  // namespace scs::detail
