#include <algorithm>
#include <utility>

#include <buntstore/internal/ascii.hpp>
#include <buntstore/internal/utf8.hpp>
#include <scs/error.hpp>

#include "payload/json_scanner.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

namespace {

/// What goes into a payload: one JSON value.
std::string checked_json(std::string json, json_source source) {
  if (source == json_source::this_library) return json;
  const std::string_view trimmed = buntstore::text::trimmed(json);
  if (!is_json(trimmed)) {
    throw error(errc::invalid_value, "value_traits::to_json gave text that is not one JSON value");
  }
  return trimmed.size() == json.size() ? std::move(json) : std::string{trimmed};
}

void require_utf8(std::string_view key) {
  if (!buntstore::text::is_utf8(key)) {
    throw error(errc::invalid_value, "a session's key must be UTF-8");
  }
}

}  // namespace

void session_state::set_change(std::string_view key, std::optional<std::string> json) {
  changes_size_ = changes_size_with(key, json ? json->size() : 0);
  if (const auto found = changes_.find(key); found != changes_.end()) {
    found->second = std::move(json);
  } else {
    changes_.emplace(key, std::move(json));
  }
}

/// What changes_size_ is if the key's new value has this size.
std::size_t session_state::changes_size_with(std::string_view key, std::size_t size) const {
  const auto found = changes_.find(key);
  if (found == changes_.end()) return changes_size_ + key.size() + size;
  return changes_size_ - (found->second ? found->second->size() : 0) + size;
}

/// Throws scs::error (too_large), and has then changed nothing, if the new values alone are more
/// than a payload may have: no commit would take them, whatever is put after them.
void session_state::set_checked_change(std::string_view key, std::string json) {
  core_.check_payload_size(changes_size_with(key, json.size()));
  set_change(key, std::move(json));
}

void session_state::forget_change(std::string_view key) {
  const auto found = changes_.find(key);
  if (found == changes_.end()) return;
  changes_size_ -= found->first.size() + (found->second ? found->second->size() : 0);
  changes_.erase(found);
}

void session_state::put_json(std::string_view key, std::string json, json_source source) {
  use();
  require_utf8(key);
  set_checked_change(key, checked_json(std::move(json), source));
}

void session_state::remove(std::string_view key) {
  use();
  require_utf8(key);
  set_change(key, std::nullopt);
}

void session_state::clear() {
  use();
  changes_.clear();
  changes_size_ = 0;
  new_user_.reset();
  cleared_ = true;
}

void session_state::set_user(std::string_view user, std::string_view where) {
  use();
  constexpr std::size_t max_where_size = 256;
  if (user.size() > store::max_user_size) {
    throw error(errc::too_large, "a session's user of " + std::to_string(user.size()) +
                                     " bytes: at most " + std::to_string(store::max_user_size));
  }
  if (!buntstore::text::is_utf8(user)) {
    throw error(errc::invalid_value, "a session's user must be UTF-8");
  }
  new_user_ =
      user_change{std::string{user}, buntstore::text::to_utf8(where, max_where_size), core_.now()};
}

bool session_state::merge(std::string_view token_text) {
  use();
  if (client_) {
    throw error(errc::not_supported,
                "merge: this session lives in its cookie, and so would the "
                "other: there is nothing at the server to take over");
  }
  const std::optional<token> other = token::parse(token_text);
  if (!other) return false;
  if (kind_ == kind::gone && !begins_anew()) throw_gone();
  const session_id id = other->id(core_.options().ids);
  if (kind_ == kind::live && id == id_) return false;
  const std::optional<record> found = core_.find(id);
  if (!found) return false;
  payload contents;
  try {
    contents = core_.decode(found->payload);
  } catch (const error&) {
    core_.report(event_kind::payload_undecodable, id, std::current_exception());
    return false;
  }
  if (!contents.moved_to.empty() || core_.has_come(std::min(found->expiry, contents.deadline))) {
    return false;
  }
  take_over(contents);
  merged_sessions_.push_back({id, found->revision});
  return true;
}

void session_state::take_over(const payload& other) {
  if (!other.user.empty()) {
    const std::string mine = user();
    if (!mine.empty() && mine != other.user) {
      throw error(errc::invalid_value, "merge: the other session is another user's");
    }
    if (mine.empty()) {
      new_user_ = user_change{std::string{other.user}, std::string{other.where},
                              other.created.value_or(core_.now())};
    }
  }
  for (const payload::member& member : other.data)
    set_change(member.key, std::string{member.json});
}

void session_state::renew() {
  use();
  if (!of_request_) {
    throw error(errc::invalid_value, "renew: nobody would get the new token of this session");
  }
  renew_ = true;
}

void session_state::remember_me(bool persist) {
  use();
  new_remember_me_ = persist;
}

void session_state::set_deadline(time_point deadline) {
  use();
  new_deadline_ = deadline;
}

void session_state::touch() {
  require_loaded();
}

void session_state::forget_changes() noexcept {
  changes_.clear();
  changes_size_ = 0;
  cleared_ = false;
  new_deadline_.reset();
  new_remember_me_.reset();
  new_user_.reset();
  renew_ = false;
}

/// Whether the commit begins a session in the place of a tombstone.
bool session_state::begins_anew() const noexcept {
  return renew_ && tombstone_.has_value();
}

bool session_state::changed() const noexcept {
  return cleared_ || !changes_.empty() || new_deadline_ || new_remember_me_ || new_user_ || renew_;
}

bool session_state::puts_something() const noexcept {
  if (new_user_ && !new_user_->user.empty()) return true;
  return std::any_of(changes_.begin(), changes_.end(),
                     [](const auto& change) { return change.second.has_value(); });
}

// Rule 6.
void session_state::update_json(
    std::string_view key, const std::function<std::string(std::optional<std::string_view>)>& fn,
    json_source source) {
  use();
  require_utf8(key);
  if (kind_ == kind::gone && !begins_anew()) throw_gone();
  if (kind_ != kind::live || client_) {
    set_checked_change(key, checked_json(fn(find_json(key)), source));
    return;
  }
  session_turn turn{core_.turns(), id_};
  if (turn.is_wanted() && take(turn)) reread();
  for (retry again{core_};; again.wait()) {
    std::string json = checked_json(fn(find_json(key)), source);
    const auto outcome = replace(with(key, json), base().deadline);
    if (outcome == commit_result::outcome::gone) throw_gone();
    if (outcome == commit_result::outcome::committed) {
      updated_ = true;
      // What the request had put there before is settled. Behind a clear() that is still to come,
      // the value must be put once more.
      if (cleared_) {
        set_change(key, std::move(json));
      } else {
        forget_change(key);
      }
      return;
    }
    core_.report(event_kind::conflict, id_);
    take(turn);
    reread();
  }
}

// Rule 4: acts at once. The cookie is cleared even if the store fails.
void session_state::destroy() {
  if (!failure_) {
    try {
      require_loaded();
    } catch (const error& failure) {
      if (failure.code() == errc::not_loaded) throw;
    }
  }
  used_ = true;
  destroyed_ = true;
  clearing_is_due_ = true;
  cookie_is_due_ = false;
  token_is_new_ = false;
  updated_ = false;
  forget_changes();
  merged_sessions_.clear();
  if (!loaded()) std::rethrow_exception(failure_);
  failure_ = nullptr;  // it was a destroy() that failed: this is another try
  try {
    if (client_ && kind_ == kind::live) core_.report(event_kind::destroyed, {});
    // Whatever this browser has sent must not be the next request's session.
    if (!id_.empty()) core_.destroy(id_);
    for (std::size_t i = 0; i < candidates_.count; ++i) {
      const session_id id = candidates_.tokens[i]->id(core_.options().ids);
      if (id != id_) core_.destroy(id);
    }
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
  kind_ = kind::none;
  tombstone_.reset();
  token_.reset();
  id_ = {};
  base_ = {};
  record_ = {};
  base_is_current_ = false;
  fresh_deadline_ = core_.now() + core_.options().lifetime;
}

}  // namespace scs::detail
