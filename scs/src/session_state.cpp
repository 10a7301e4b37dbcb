#include "session_state.hpp"

#include <algorithm>
#include <utility>

#include <scs/error.hpp>

#include "json_text.hpp"

namespace scs::detail {

namespace {

/// How long the old token of a renewed session is still known, for requests that are in flight.
constexpr std::chrono::seconds tombstone_lifetime{60};

/// Rule 8: which part of the idle timeout must have passed before it is extended.
constexpr int idle_parts = 20;

/// What browsers keep a cookie for at most.
constexpr std::chrono::seconds cookie_age_max = std::chrono::hours{24 * 400};

std::optional<std::string_view> find_in(const std::vector<payload::member>& data,
                                        std::string_view key) {
  const auto found = std::lower_bound(
      data.begin(), data.end(), key,
      [](const payload::member& member, std::string_view k) { return member.key < k; });
  if (found == data.end() || found->key != key) return std::nullopt;
  return found->json;
}

/// What goes into a payload: one JSON value.
std::string checked_json(std::string json, json_source source) {
  if (source == json_source::this_library) return json;
  const std::string_view trimmed = trim_json(json);
  if (!is_json(trimmed)) {
    throw error(errc::invalid_value, "value_traits::to_json gave text that is not one JSON value");
  }
  return trimmed.size() == json.size() ? std::move(json) : std::string{trimmed};
}

void require_utf8(std::string_view key) {
  if (!is_utf8(key)) throw error(errc::invalid_value, "a session's key must be UTF-8");
}

}  // namespace

// --- loading ---

void session_state::load() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) ask_store();
}

void session_state::require_loaded() {
  if (failure_) std::rethrow_exception(failure_);
  if (loaded()) return;
  if (policy_ == load_policy::explicit_only) {
    throw error(errc::not_loaded, "call load() on the session before anything else");
  }
  ask_store();
}

void session_state::use() {
  require_loaded();
  used_ = true;
}

// Rule 10: the first live one wins. Rule 11: a failure sticks.
void session_state::ask_store() {
  if (client_) return open_candidates();
  fresh_deadline_ = core_.now() + core_.options().lifetime;
  try {
    session_id tombstone;
    for (std::size_t i = 0; i < candidates_.count && kind_ != kind::live; ++i) {
      const session_id id = candidates_.tokens[i]->id(core_.options().ids);
      if (take(*candidates_.tokens[i], id)) return;
      if (tombstone.empty()) tombstone = std::exchange(id_, {});
    }
    id_ = tombstone;
    kind_ = tombstone.empty() ? kind::none : kind::gone;
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

/// Whether the candidate is live, and held then. Otherwise id_ is set if it is a tombstone.
bool session_state::take(const token& candidate, const session_id& id) {
  std::optional<record> found = core_.find(id);
  if (!found) return false;
  record_ = std::move(*found);
  try {
    base_ = core_.decode(record_.payload);
  } catch (...) {
    core_.report(event_kind::payload_undecodable, id, std::current_exception());
    return false;
  }
  if (std::min(record_.expiry, base_.deadline) <= core_.now()) {  // rule 7
    core_.report(event_kind::expired, id);
    return false;
  }
  id_ = id;
  if (!base_.moved_to.empty()) return false;
  token_ = candidate;
  base_is_current_ = true;
  kind_ = kind::live;
  core_.report(event_kind::loaded, id);
  return true;
}

/// After a commit record_ is ahead of base_ until somebody asks.
payload& session_state::base() {
  if (!base_is_current_) {
    base_ = core_.decode(record_.payload);
    base_is_current_ = true;
  }
  return base_;
}

// --- reading ---

std::optional<std::string_view> session_state::find_json(std::string_view key) {
  use();
  const auto change = position_of(key);
  if (change != changes_.end() && change->key == key) return change->json;
  if (kind_ != kind::live || cleared_) return std::nullopt;
  return find_in(base().data, key);
}

std::vector<std::string> session_state::keys() {
  use();
  const payload contents = merged();
  std::vector<std::string> found;
  found.reserve(contents.data.size());
  for (const payload::member& member : contents.data)
    found.emplace_back(member.key);
  return found;
}

std::string session_state::token_text() {
  use();
  if (kind_ != kind::live) return {};
  return client_ ? client_->value : std::string{token_->text()};
}

time_point session_state::deadline() {
  use();
  if (new_deadline_) return *new_deadline_;
  return kind_ == kind::live ? base().deadline : fresh_deadline_;
}

session_status session_state::status() const noexcept {
  if (changed() || updated_) return session_status::modified;
  return destroyed_ ? session_status::destroyed : session_status::unmodified;
}

// --- changing ---

std::vector<session_state::key_change>::iterator session_state::position_of(std::string_view key) {
  return std::lower_bound(changes_.begin(), changes_.end(), key,
                          [](const key_change& c, std::string_view k) { return c.key < k; });
}

void session_state::set_change(std::string_view key, std::optional<std::string> json) {
  const auto position = position_of(key);
  if (position != changes_.end() && position->key == key) {
    position->json = std::move(json);
  } else {
    changes_.insert(position, key_change{std::string{key}, std::move(json)});
  }
}

void session_state::put_json(std::string_view key, std::string json, json_source source) {
  use();
  require_utf8(key);
  set_change(key, checked_json(std::move(json), source));
}

void session_state::remove(std::string_view key) {
  use();
  require_utf8(key);
  set_change(key, std::nullopt);
}

void session_state::clear() {
  use();
  changes_.clear();
  cleared_ = true;
}

void session_state::renew() {
  use();
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
  cleared_ = false;
  new_deadline_.reset();
  new_remember_me_.reset();
  renew_ = false;
}

bool session_state::changed() const noexcept {
  return cleared_ || !changes_.empty() || new_deadline_ || new_remember_me_ || renew_;
}

bool session_state::puts_something() const noexcept {
  return std::any_of(changes_.begin(), changes_.end(),
                     [](const key_change& c) { return c.json.has_value(); });
}

// Rule 6.
void session_state::update_json(
    std::string_view key, const std::function<std::string(std::optional<std::string_view>)>& fn,
    json_source source) {
  use();
  require_utf8(key);
  if (kind_ == kind::gone) throw_gone();
  if (kind_ == kind::none || client_) {
    set_change(key, checked_json(fn(find_json(key)), source));
    return;
  }
  for (retry again{core_};; again.wait()) {
    std::string json = checked_json(fn(find_json(key)), source);
    const auto outcome = replace(with(key, json), base().deadline);
    if (outcome == commit_result::outcome::gone) throw_gone();
    if (outcome == commit_result::outcome::committed) {
      updated_ = true;
      // What the request had put there before is settled. Behind a clear() that is still to come,
      // the value must be put once more.
      const auto pending = position_of(key);
      if (cleared_) {
        set_change(key, std::move(json));
      } else if (pending != changes_.end() && pending->key == key) {
        changes_.erase(pending);
      }
      return;
    }
    core_.report(event_kind::conflict, id_);
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
  updated_ = false;
  forget_changes();
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
  token_.reset();
  id_ = {};
  base_ = {};
  record_ = {};
  base_is_current_ = false;
  fresh_deadline_ = core_.now() + core_.options().lifetime;
}

// --- committing ---

std::vector<header> session_state::commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return {};
  commit_failed_ = true;  // until it has not
  if (!changed()) {
    extend_idle_time();
  } else if (client_) {
    commit_to_cookie();
  } else if (kind_ == kind::live) {
    commit_changes();
  } else if (kind_ == kind::gone) {
    throw_gone();
  } else if (puts_something()) {
    create();
  } else {
    forget_changes();  // a session without values is not stored
  }
  commit_failed_ = false;
  updated_ = false;
  return response_headers();
}

// Rules 4 and 5.
std::vector<header> session_state::abandon() {
  forget_changes();
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
  for (const key_change& change : changes_) {
    for (; kept != old.end() && kept->key < change.key; ++kept)
      contents.data.push_back(*kept);
    if (kept != old.end() && kept->key == change.key) ++kept;
    if (change.json) contents.data.push_back({change.key, *change.json});
  }
  contents.data.insert(contents.data.end(), kept, old.end());
  contents.deadline = new_deadline_.value_or(live ? base().deadline : fresh_deadline_);
  contents.remember_me = new_remember_me_;
  if (live) {
    if (!contents.remember_me) contents.remember_me = base().remember_me;
    contents.user = base().user;
    contents.others = base().others;
  }
  return contents;
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
  contents.user = base().user;
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
  return base().deadline <= core_.now();
}

// Rule 7: only a deadline that this request lowered lowers the expiry.
time_point session_state::expiry_of_replaced(time_point deadline) {
  const time_point expiry = std::max(expiry_of_new(deadline), record_.expiry);
  return deadline < base().deadline ? std::min(expiry, deadline) : expiry;
}

void session_state::create() {
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
    become(fresh, id, {std::move(text), expiry, std::move(result.revision)});
    core_.report(event_kind::created, id);
    return;
  }
  throw error(errc::store_failed, "the session store says that new random ids exist already");
}

/// The request's session is now this one, which has just been stored.
void session_state::become(const token& fresh, const session_id& id, record&& stored) {
  kind_ = kind::live;
  token_ = fresh;
  id_ = id;
  record_ = std::move(stored);
  base_is_current_ = false;
  cookie_is_due_ = true;
  forget_changes();
}

// Rule 1.
void session_state::commit_changes() {
  for (retry again{core_};; again.wait()) {
    const auto outcome = renew_ ? move_to_new_token() : replace_by_changes();
    if (outcome == commit_result::outcome::committed) return;
    if (outcome == commit_result::outcome::gone) throw_gone();
    core_.report(event_kind::conflict, id_);
    reread();
  }
}

commit_result::outcome session_state::replace_by_changes() {
  const payload contents = merged();
  const auto outcome = replace(contents, contents.deadline);
  if (outcome == commit_result::outcome::committed) {
    cookie_is_due_ = cookie_is_due_ || new_deadline_ || new_remember_me_;
    forget_changes();
  }
  return outcome;
}

/// Puts `contents`, which may have views into the present record, in its place.
commit_result::outcome session_state::replace(const payload& contents, time_point deadline) {
  if (is_over()) return commit_result::outcome::gone;
  std::string text = core_.encode(contents);
  const time_point expiry = expiry_of_replaced(deadline);
  commit_result result = core_.commit(id_, text, expiry, record_.revision, contents.user);
  if (result.result == commit_result::outcome::committed) {
    record_ = {std::move(text), expiry, std::move(result.revision)};
    base_is_current_ = false;
  }
  return result.result;
}

// Rule 3: the new record first, so that there is never a moment without one. Until the tombstone
// stands, nobody knows the new token; if it cannot be set, the new record goes again.
commit_result::outcome session_state::move_to_new_token() {
  if (is_over()) return commit_result::outcome::gone;
  const time_point now = core_.now();
  payload contents = merged();
  contents.deadline = new_deadline_.value_or(now + core_.options().lifetime);
  std::string text = core_.encode(contents);
  const token fresh = token::generate();
  const session_id id = fresh.id(core_.options().ids);
  const time_point expiry = expiry_of_new(contents.deadline);
  commit_result written = core_.create(id, text, expiry, contents.user);
  if (written.result != commit_result::outcome::committed) return commit_result::outcome::conflict;

  payload tombstone;
  tombstone.deadline = now + tombstone_lifetime;
  tombstone.user = base().user;
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
  if (core_.options().ids == id_mode::raw) core_.clean_up(id_);  // rule 9: no tombstones there
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
  if (!base_.moved_to.empty() || std::min(record_.expiry, base_.deadline) <= core_.now()) {
    throw_gone();
  }
}

// Rule 2.
void session_state::throw_gone() {
  // What a conflict has read may be the tombstone: at its revision nothing must be written any
  // more.
  kind_ = kind::gone;
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
    core_.report(event_kind::touch_failed, id_, std::current_exception());  // rule 7
  }
}

// --- headers ---

std::vector<header> session_state::response_headers() {
  std::vector<header> headers;
  if (auto cookie = cookie_to_set()) {
    headers.reserve(3);
    headers.push_back({"Set-Cookie", std::move(*cookie)});
    headers.push_back({"Cache-Control", "no-store"});
  }
  if (used_) headers.push_back({"Vary", "Cookie"});
  cookie_is_due_ = false;
  clearing_is_due_ = false;
  return headers;
}

std::optional<std::string> session_state::cookie_to_set() {
  if (cookie_is_due_ && kind_ == kind::live && base().deadline > core_.now()) {
    return cookie_with(client_ ? client_->value : token_->text(), base());
  }
  if (clearing_is_due_) {
    set_cookie cookie = bare_cookie();
    cookie.expires = time_point{std::chrono::seconds{1}};  // as Go does; 0 is none in some browsers
    cookie.max_age = std::chrono::seconds{0};
    return to_header_value(cookie);
  }
  return std::nullopt;
}

set_cookie session_state::bare_cookie() const {
  const cookie_options& options = core_.options().cookie;
  return {.name = options.name,
          .path = options.path,
          .domain = options.domain,
          .http_only = options.http_only,
          .secure = options.secure,
          .same_site = options.same_site,
          .partitioned = options.partitioned};
}

std::string session_state::cookie_with(std::string_view value, const payload& contents) const {
  set_cookie cookie = bare_cookie();
  cookie.value = value;
  if (contents.remember_me.value_or(core_.options().cookie.persist)) {
    const time_point now = core_.now();
    // Rounded up: the server ends the session, not the browser.
    const auto age = std::chrono::ceil<std::chrono::seconds>(contents.deadline - now);
    cookie.max_age = std::min(age, cookie_age_max);
    // The smaller one first: rounding up the last moment that there is would overflow.
    cookie.expires =
        std::chrono::ceil<std::chrono::seconds>(std::min(contents.deadline, now + cookie_age_max));
  }
  return to_header_value(cookie);
}

}  // namespace scs::detail
