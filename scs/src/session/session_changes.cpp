// The operations of a request on its session.

#include <utility>

#include <buntstore/internal/ascii.hpp>
#include <buntstore/internal/utf8.hpp>
#include <scs/error.hpp>
#include <scs/store/request_time.hpp>

#include "basics/times.hpp"
#include "payload/json_scanner.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

namespace {

void require_utf8(std::string_view key) {
  if (!buntstore::text::is_utf8(key)) {
    throw error(errc::invalid_value, "a session's key must be UTF-8");
  }
}

}  // namespace

std::string checked_json(std::string json, json_source source) {
  if (source == json_source::this_library) return json;
  const std::string_view trimmed = buntstore::text::trimmed(json);
  if (!is_json(trimmed)) {
    throw error(errc::invalid_value, "value_traits::to_json gave text that is not one JSON value");
  }
  return trimmed.size() == json.size() ? std::move(json) : std::string{trimmed};
}

void session_state::put_json(std::string_view key, std::string json, json_source source) {
  use();
  require_utf8(key);
  data_.put(key, checked_json(std::move(json), source));
  ++change_count_;
}

void session_state::update_json(
    std::string_view key, const std::function<std::string(std::optional<std::string_view>)>& fn,
    json_source source) {
  use();
  require_utf8(key);
  const request_time_scope timed{data_.store_time};
  const queue_place place{*this};
  if (storage_.update(key, {fn, source})) updated_ = has_begun_ = true;
  ++change_count_;
}

void session_state::remove(std::string_view key) {
  use();
  require_utf8(key);
  if (!data_.find(key)) return;
  data_.changes.set(key, std::nullopt);
  ++change_count_;
}

void session_state::clear() {
  use();
  if (data_.is_empty()) return;
  data_.changes.clear();
  ++change_count_;
}

void session_state::set_user(std::string_view user, std::string_view where,
                             session::at_login then) {
  use();
  constexpr std::size_t max_where_size = 256;
  if (user.size() > store::max_user_size) {
    throw error(errc::too_large, "a session's user of " + std::to_string(user.size()) +
                                     " bytes: at most " + std::to_string(store::max_user_size));
  }
  if (!buntstore::text::is_utf8(user)) {
    throw error(errc::invalid_value, "a session's user must be UTF-8");
  }
  const std::string before = data_.user();
  if (!before.empty() && !user.empty() && before != user) data_.changes.clear();
  data_.changes.set_user(
      {std::string{user}, buntstore::text::to_utf8(where, max_where_size), data_.core.now()});
  // Rule 3. In iterate(), nobody would receive the token.
  if (then == session::at_login::renew && data_.has_visitor) {
    mark_renewed();
  } else {
    data_.changes.set(session::csrf_key, std::nullopt);
  }
  ++change_count_;
}

/// The commit gives the session a new token. The token of forms changes, too, so that a form's
/// token that was known before becomes worthless.
void session_state::mark_renewed() {
  data_.changes.renew();
  data_.changes.set(session::csrf_key, std::nullopt);
}

void session_state::spare(const std::string& user, time_point revoked_until) {
  data_.changes.spare({user, later(revoked_until, std::chrono::nanoseconds{1})});
  has_begun_ = true;  // a refused commit would leave this session among the revoked ones
}

bool session_state::merge(std::string_view token_text) {
  use();
  const request_time_scope timed{data_.store_time};
  if (!storage_.merge(token_text)) return false;
  ++change_count_;
  return true;
}

void session_state::renew() {
  use();
  if (!data_.has_visitor) {
    throw error(errc::invalid_value, "renew: nobody would get the new token of this session");
  }
  mark_renewed();
  ++change_count_;
}

void session_state::remember_me(bool persist) {
  use();
  data_.changes.set_remember_me(persist);
  ++change_count_;
}

void session_state::set_deadline(time_point deadline) {
  use();
  data_.changes.set_deadline(deadline);
  ++change_count_;
  if (data_.core.has_come(deadline)) data_.report(event_kind::deadline_passed, data_.loaded.id());
}

void session_state::expire_after(std::chrono::nanoseconds duration) {
  set_deadline(later(data_.core.now(), duration));
}

void session_state::set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout) {
  use();
  if (timeout && timeout->count() < 0) {
    throw error(errc::invalid_value, "set_idle_timeout: the timeout must not be negative");
  }
  data_.changes.set_idle_timeout(timeout);
  ++change_count_;
}

void session_state::touch() {
  require_loaded();
}

// Rule 4: takes effect immediately. The cookie is cleared even if the store fails.
void session_state::destroy() {
  if (!failure_) {
    try {
      require_loaded();
    } catch (const error& failure) {
      if (failure.code() == errc::not_loaded) throw;
    }
  }
  data_.response.clear_cookie();
  data_.changes.forget();
  data_.changes.merged.clear();
  owe_sync();
  ++change_count_;
  destroyed_ = true;
  updated_ = false;
  if (!loaded()) std::rethrow_exception(failure_);
  failure_ = nullptr;  // a previous destroy() failed: this is another attempt
  try {
    const request_time_scope timed{data_.store_time};
    storage_.end();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
  data_.loaded.adopt_none();
}

}  // namespace scs::detail
