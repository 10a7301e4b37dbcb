// The part of session_state that is for sessions which live in their cookies. There is no record
// that others could change: what a request has read is what it replaces, and of two that overlap
// the last answer that reaches the browser wins.

#include <algorithm>
#include <utility>

#include <scs/error.hpp>

#include "session/session_state.hpp"

namespace scs::detail {

namespace {

/// What browsers are sure to keep of one cookie, its name and attributes included (RFC 6265, 6.1).
constexpr std::size_t max_cookie_size = 4096;

}  // namespace

// Rule 10: the first live one wins. Rule 11: a failure sticks.
void session_state::open_candidates() {
  fresh_deadline_ = core_.now() + core_.options().lifetime;
  try {
    for (std::string& value : client_->candidates) {
      if (kind_ != kind::live && open_candidate(value)) kind_ = kind::live;
    }
    if (kind_ != kind::live) kind_ = kind::none;
    client_->candidates.clear();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

bool session_state::open_candidate(std::string& value) {
  using outcome = open_result::outcome;
  open_result opened = core_.open(value);
  if (opened.result != outcome::live) {
    core_.report(
        opened.result == outcome::expired ? event_kind::expired : event_kind::cookie_refused, {});
    return false;
  }
  record_ = {std::move(opened.session.payload), opened.session.expiry, {}};
  try {
    base_ = core_.decode(record_.payload);
  } catch (...) {
    core_.report(event_kind::payload_undecodable, {}, std::current_exception());
    return false;
  }
  if (core_.has_come(base_.deadline)) {  // rule 7 (expiry)
    core_.report(event_kind::expired, {});
    return false;
  }
  if (!base_.user.empty() && core_.epoch_of(base_.user) != opened.session.epoch) {
    core_.report(event_kind::cookie_refused, {});
    return false;
  }
  base_is_current_ = true;
  client_->value = std::move(value);
  client_->epoch = opened.session.epoch;
  client_->reseal = opened.reseal;
  core_.report(event_kind::loaded, {});
  return true;
}

void session_state::commit_to_cookie() {
  if (kind_ == kind::gone) throw_gone();
  const bool live = kind_ == kind::live;
  if (!live && !puts_something()) return forget_changes();  // one without values is not kept
  if (live && is_over()) throw_gone();

  const time_point now = core_.now();
  payload contents = merged();
  const bool fresh = !live || renew_;
  if (live && renew_) contents.deadline = new_deadline_.value_or(now + core_.options().lifetime);
  if (contents.deadline <= now) return end_in_cookie();
  const time_point expiry =
      fresh ? expiry_of_new(contents.deadline) : expiry_of_replaced(contents.deadline);
  seal(contents, expiry);
  forget_changes();
  if (fresh) core_.report(live ? event_kind::renewed : event_kind::created, {});
}

/// A session that stays its user's keeps the epoch; set_user() gives it the present one.
std::uint64_t session_state::epoch_for(std::string_view user) {
  if (kind_ == kind::live && !new_user_ && base().user == user) return client_->epoch;
  return user.empty() ? 0 : core_.epoch_of(user);
}

/// Puts `contents`, which may have views into the present session, in its place.
void session_state::seal(const payload& contents, time_point expiry) {
  const std::uint64_t epoch = epoch_for(contents.user);
  sealed_session fresh{core_.encode(contents), expiry, epoch};
  std::string value = core_.seal(fresh);
  const std::size_t size = cookie_with(value, contents).size();
  if (size > max_cookie_size) {
    throw error(errc::too_large, "a session of " + std::to_string(fresh.payload.size()) +
                                     " bytes makes a cookie of " + std::to_string(size) +
                                     "; browsers keep " + std::to_string(max_cookie_size) +
                                     ": put less into it, or use a store at the server");
  }
  client_->value = std::move(value);
  client_->epoch = epoch;
  client_->reseal = false;
  record_ = {std::move(fresh.payload), expiry, {}};
  base_is_current_ = false;
  kind_ = kind::live;
  cookie_is_due_ = true;
}

/// A deadline that is past: without a word to the browser the old value would go on.
void session_state::end_in_cookie() {
  forget_changes();
  cookie_is_due_ = false;
  clearing_is_due_ = kind_ == kind::live;
  if (kind_ == kind::live) core_.report(event_kind::destroyed, {});
  kind_ = kind::none;
}

// Rule 8, but the cookie must go out again: where the idle time ends is sealed inside.
void session_state::extend_in_cookie() noexcept {
  if (kind_ != kind::live) return;
  try {
    if (is_over()) return;
    const time_point expiry = expiry_of_new(base().deadline);
    if (!client_->reseal && !extension_is_due(expiry)) return;
    payload& contents = base();
    seal(contents, std::max(expiry, record_.expiry));
  } catch (...) {
    core_.report(event_kind::touch_failed, {}, std::current_exception());  // rule 7 (expiry)
  }
}

}  // namespace scs::detail
