#include "session/cookie_session.hpp"

#include <algorithm>
#include <exception>

#include <buntstore/wipe.hpp>
#include <scs/error.hpp>

#include "basics/times.hpp"

namespace scs::detail {

namespace {

/// The size up to which every browser keeps a cookie, including its name and attributes (RFC 6265,
/// 6.1).
constexpr std::size_t max_cookie_size = 4096;

}  // namespace

cookie_session::~cookie_session() {
  wipe_candidates();
  buntstore::wipe(value_);
}

void cookie_session::wipe_candidates() noexcept {
  for (std::string& value : candidates_)
    buntstore::wipe(value);
  candidates_.clear();
}

void cookie_session::open() {
  for (std::string& value : candidates_) {
    if (open_candidate(value)) {
      data_.loaded.adopt_live({});
      break;
    }
  }
  if (!data_.loaded.live()) data_.loaded.adopt_none();
  wipe_candidates();
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
    data_.report(
        opened.result == outcome::expired ? event_kind::expired : event_kind::cookie_refused, {});
    return false;
  }
  loaded.adopt({std::move(opened.session.payload), opened.session.expiry, {}});
  try {
    loaded.contents();
  } catch (...) {
    data_.report(event_kind::payload_undecodable, {}, std::current_exception());
    return false;
  }
  if (loaded.is_over()) {
    data_.report(event_kind::expired, {});
    return false;
  }
  const std::string_view user = loaded.contents().user;
  if (!user.empty() && core.epoch_of(user) != opened.session.epoch) {
    data_.report(event_kind::cookie_refused, {});
    return false;
  }
  value_ = std::move(value);
  epoch_ = opened.session.epoch;
  reseal_ = opened.reseal;
  data_.report(event_kind::loaded, {});
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
    contents.deadline = changes.deadline().value_or(later(now, data_.core.options().lifetime));
  }
  if (contents.deadline <= now) return end_at_deadline();
  const time_point expiry = !live              ? data_.expiry_of_new(contents)
                            : changes.renews() ? data_.expiry_of_renewed(contents)
                                               : data_.expiry_of_replaced(contents);
  seal(contents, expiry);
  changes.forget();
  if (fresh) data_.report(live ? event_kind::renewed : event_kind::created, {});
}

/// A commit may block, because the application may be asked for a user's epoch.
bool cookie_session::try_commit() {
  if (data_.changes.any() || data_.extends_idle_time()) return false;
  extend();
  return true;
}

/// A session that keeps its user keeps the epoch. set_user() sets the present one.
std::uint64_t cookie_session::epoch_for(std::string_view user) {
  loaded_session& loaded = data_.loaded;
  if (loaded.live() && !data_.changes.user() && loaded.contents().user == user) return epoch_;
  return user.empty() ? 0 : data_.core.epoch_of(user);
}

/// Replaces the present session by `contents`, whose views may point into it.
void cookie_session::seal(const payload& contents, time_point expiry) {
  manager_core& core = data_.core;
  const std::uint64_t epoch = epoch_for(contents.user);
  sealed_session fresh{core.encode(contents), expiry, epoch};
  std::string value = core.seal(fresh);
  std::string line = cookie_line(core, value, contents);
  const std::size_t size = line.size();
  buntstore::wipe(line);
  if (size > max_cookie_size) {
    buntstore::wipe(value);
    throw error(errc::too_large, "a session of " + std::to_string(fresh.payload.size()) +
                                     " bytes makes a cookie of " + std::to_string(size) +
                                     "; browsers keep " + std::to_string(max_cookie_size) +
                                     ": put less into it, or use a store at the server");
  }
  buntstore::wipe(value_);
  value_ = std::move(value);
  epoch_ = epoch;
  reseal_ = false;
  data_.loaded.adopt({std::move(fresh.payload), expiry, {}});
  data_.loaded.adopt_live({});
  data_.response.send_cookie();
}

/// Ends a session whose deadline has passed. The response must clear the cookie, because its old
/// value would still be accepted.
void cookie_session::end_at_deadline() {
  data_.changes.forget();
  if (!data_.loaded.live()) return;
  data_.response.clear_cookie();
  data_.report(event_kind::destroyed, {});
  data_.loaded.adopt_none();
}

// The cookie must be sent again: the end of the idle time is sealed inside of it.
void cookie_session::extend() noexcept {
  loaded_session& loaded = data_.loaded;
  if (!loaded.live()) return;
  try {
    if (loaded.is_over()) return;
    time_point expiry = loaded.stored().expiry;
    bool is_due = reseal_;
    if (data_.extends_idle_time()) {
      const time_point extended = data_.expiry_of_new(loaded.contents());
      is_due = is_due || data_.extension_is_due(extended);
      expiry = std::max(expiry, extended);
    }
    if (is_due) seal(loaded.contents(), expiry);
  } catch (...) {
    data_.report(event_kind::touch_failed, {}, std::current_exception());  // rule 7 (expiry)
  }
}

/// Makes the response clear the cookie, which ends the session.
void cookie_session::end() {
  if (data_.loaded.live()) data_.report(event_kind::destroyed, {});
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
