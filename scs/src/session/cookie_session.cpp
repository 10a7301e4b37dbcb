#include "session/cookie_session.hpp"

#include <algorithm>
#include <exception>

#include <scs/error.hpp>

namespace scs::detail {

namespace {

/// What browsers are sure to keep of one cookie, its name and attributes included (RFC 6265, 6.1).
constexpr std::size_t max_cookie_size = 4096;

}  // namespace

void cookie_session::open() {
  for (std::string& value : candidates_) {
    if (open_candidate(value)) {
      data_.loaded.adopt_live({});
      break;
    }
  }
  if (!data_.loaded.live()) data_.loaded.adopt_none();
  candidates_.clear();
}

void cookie_session::open_fresh() {
  loaded_session& loaded = data_.loaded;
  if (loaded.state() == loaded_session::kind::unknown) return open();
  if (!loaded.live()) return;
  const std::string_view user = loaded.contents().user;
  const bool revoked = !user.empty() && data_.core.epoch_of(user) != epoch_;
  if (revoked || loaded.is_over()) data_.throw_gone();
}

bool cookie_session::open_candidate(std::string& value) {
  using outcome = open_result::outcome;
  manager_core& core = data_.core;
  loaded_session& loaded = data_.loaded;
  open_result opened = core.open(value);
  if (opened.result != outcome::live) {
    core.report(
        opened.result == outcome::expired ? event_kind::expired : event_kind::cookie_refused, {});
    return false;
  }
  loaded.adopt({std::move(opened.session.payload), opened.session.expiry, {}});
  try {
    loaded.contents();
  } catch (...) {
    core.report(event_kind::payload_undecodable, {}, std::current_exception());
    return false;
  }
  if (loaded.is_over()) {
    core.report(event_kind::expired, {});
    return false;
  }
  const std::string_view user = loaded.contents().user;
  if (!user.empty() && core.epoch_of(user) != opened.session.epoch) {
    core.report(event_kind::cookie_refused, {});
    return false;
  }
  value_ = std::move(value);
  epoch_ = opened.session.epoch;
  reseal_ = opened.reseal;
  core.report(event_kind::loaded, {});
  return true;
}

void cookie_session::commit() {
  request_changes& changes = data_.changes;
  if (!changes.any()) return;
  if (data_.loaded.gone()) data_.throw_gone();
  const bool live = data_.loaded.live();
  if (!live && !changes.puts_something()) return changes.forget();
  if (live && data_.loaded.is_over()) data_.throw_gone();

  const time_point now = data_.core.now();
  payload contents = data_.merged();
  const bool fresh = !live || changes.renews();
  if (live && fresh) {
    contents.deadline = changes.deadline().value_or(now + data_.core.options().lifetime);
  }
  if (contents.deadline <= now) return end_at_deadline();
  seal(contents, fresh ? data_.expiry_of_new(contents.deadline)
                       : data_.expiry_of_replaced(contents.deadline));
  changes.forget();
  if (fresh) data_.core.report(live ? event_kind::renewed : event_kind::created, {});
}

/// The application may have to be asked for a user's epoch.
bool cookie_session::try_commit() {
  if (data_.changes.any() || data_.core.options().idle_timeout.count() != 0) return false;
  extend();
  return true;
}

/// A session that stays its user's keeps the epoch; set_user() gives it the present one.
std::uint64_t cookie_session::epoch_for(std::string_view user) {
  loaded_session& loaded = data_.loaded;
  if (loaded.live() && !data_.changes.user() && loaded.contents().user == user) return epoch_;
  return user.empty() ? 0 : data_.core.epoch_of(user);
}

/// Puts `contents`, which may have views into the present session, in its place.
void cookie_session::seal(const payload& contents, time_point expiry) {
  manager_core& core = data_.core;
  const std::uint64_t epoch = epoch_for(contents.user);
  sealed_session fresh{core.encode(contents), expiry, epoch};
  std::string value = core.seal(fresh);
  const std::size_t size = cookie_line(core, value, contents).size();
  if (size > max_cookie_size) {
    throw error(errc::too_large, "a session of " + std::to_string(fresh.payload.size()) +
                                     " bytes makes a cookie of " + std::to_string(size) +
                                     "; browsers keep " + std::to_string(max_cookie_size) +
                                     ": put less into it, or use a store at the server");
  }
  value_ = std::move(value);
  epoch_ = epoch;
  reseal_ = false;
  data_.loaded.adopt({std::move(fresh.payload), expiry, {}});
  data_.loaded.adopt_live({});
  data_.response.send_cookie();
}

/// A deadline that is past: without a word to the browser the old value would go on.
void cookie_session::end_at_deadline() {
  data_.changes.forget();
  if (!data_.loaded.live()) return;
  data_.response.clear_cookie();
  data_.core.report(event_kind::destroyed, {});
  data_.loaded.adopt_none();
}

// The cookie must go out again: where the idle time ends is sealed inside.
void cookie_session::extend() noexcept {
  loaded_session& loaded = data_.loaded;
  if (!loaded.live()) return;
  try {
    if (loaded.is_over()) return;
    const time_point expiry = data_.expiry_of_new(loaded.contents().deadline);
    if (!reseal_ && !data_.extension_is_due(expiry)) return;
    seal(loaded.contents(), std::max(expiry, loaded.stored().expiry));
  } catch (...) {
    data_.core.report(event_kind::touch_failed, {}, std::current_exception());  // rule 7 (expiry)
  }
}

/// The response ends the session: it clears the cookie.
void cookie_session::end() {
  if (data_.loaded.live()) data_.core.report(event_kind::destroyed, {});
}

bool cookie_session::update(std::string_view key, const json_update& make) {
  if (data_.loaded.gone()) data_.throw_gone();
  data_.put(key, make(data_.find(key)));
  return false;
}

bool cookie_session::merge(std::string_view) {
  throw error(errc::not_supported,
              "merge: this session lives in its cookie, and so would the "
              "other: there is nothing at the server to take over");
}

}  // namespace scs::detail
