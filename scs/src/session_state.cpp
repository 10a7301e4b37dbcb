#include "session_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scs/error.hpp>

#include "json_text.hpp"
#include "user_sessions.hpp"

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
  if (client_) {
    fresh_deadline_ = core_.now() + core_.options().lifetime;
    return open_candidates();
  }
  try {
    session_id tombstone;
    for (std::size_t i = 0; i < candidates_.count && kind_ != kind::live; ++i) {
      const session_id id = candidates_.tokens[i]->id(core_.options().ids);
      if (take(*candidates_.tokens[i], id)) return;
      if (tombstone.empty()) tombstone = std::exchange(id_, {});
    }
    id_ = tombstone;
    kind_ = tombstone.empty() ? kind::none : kind::gone;
    fresh_deadline_ = core_.now() + core_.options().lifetime;
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

std::unique_ptr<session_state> session_state::of_record(manager_core& core, const session_id& id,
                                                        const record& found) {
  auto made = std::make_unique<session_state>(core, token_candidates{}, load_policy::on_first_use);
  made->fresh_deadline_ = core.now() + core.options().lifetime;
  made->id_ = id;
  made->record_ = found;
  try {
    made->base();
  } catch (const error&) {
    core.report(event_kind::payload_undecodable, id, std::current_exception());
    return nullptr;
  }
  if (!made->base_.moved_to.empty()) return nullptr;
  if (std::min(found.expiry, made->base_.deadline) <= core.now()) return nullptr;
  made->kind_ = kind::live;
  made->of_request_ = false;
  return made;
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
  if (client_) return client_->value;
  return token_ ? std::string{token_->text()} : std::string{};
}

session_id session_state::public_id() {
  use();
  return kind_ == kind::live ? core_.public_id(id_) : session_id{};
}

session_id session_state::stored_id() {
  use();
  return id_;
}

std::string session_state::user() {
  use();
  if (new_user_) return new_user_->user;
  return kind_ == kind::live && !cleared_ ? std::string{base().user} : std::string{};
}

std::string session_state::debug_json() {
  use();
  constexpr std::array<std::string_view, 4> kinds{"unknown", "new", "stored", "gone"};
  const payload contents = merged();
  std::string out = R"({"state":")";
  out += kinds.at(static_cast<std::size_t>(kind_));
  out += R"(","status":)";
  switch (status()) {
    case session_status::unmodified:
      out += R"("unmodified")";
      break;
    case session_status::modified:
      out += R"("modified")";
      break;
    case session_status::destroyed:
      out += R"("destroyed")";
      break;
  }
  const session_id id = public_id();
  out.append(R"(,"id":)")
      .append(id.empty() ? "null" : value_traits<std::string>::to_json(id.text()));
  out.append(R"(,"user":)");
  out += contents.user.empty() ? "null" : value_traits<std::string>::to_json(contents.user);
  out.append(R"(,"deadline":)").append(value_traits<time_point>::to_json(contents.deadline));
  out += R"(,"data":{)";
  for (const payload::member& member : contents.data) {
    if (out.back() != '{') out += ',';
    append_json_string(out, member.key);
    out.append(1, ':').append(member.json);
  }
  out += "}}";
  if (token_) {
    for (std::size_t at; (at = out.find(token_->text())) != std::string::npos;)
      out.replace(at, token::size, "(the token)");
  }
  return out;
}

time_point session_state::deadline() {
  use();
  if (new_deadline_) return *new_deadline_;
  return kind_ == kind::live ? base().deadline : fresh_deadline_;
}

session_status session_state::status() const noexcept {
  if (changed() || updated_ || !merged_sessions_.empty()) return session_status::modified;
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
  new_user_.reset();
  cleared_ = true;
}

void session_state::set_user(std::string_view user, std::string_view where) {
  use();
  constexpr std::size_t where_size_max = 256;
  if (user.size() > store::user_size_max) {
    throw error(errc::too_large, "a session's user of " + std::to_string(user.size()) +
                                     " bytes: at most " + std::to_string(store::user_size_max));
  }
  if (!is_utf8(user)) throw error(errc::invalid_value, "a session's user must be UTF-8");
  new_user_ = user_change{std::string{user}, to_utf8(where, where_size_max), core_.now()};
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
  if (kind_ == kind::gone) throw_gone();
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
  if (!contents.moved_to.empty() || std::min(found->expiry, contents.deadline) <= core_.now()) {
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
  cleared_ = false;
  new_deadline_.reset();
  new_remember_me_.reset();
  new_user_.reset();
  renew_ = false;
}

bool session_state::changed() const noexcept {
  return cleared_ || !changes_.empty() || new_deadline_ || new_remember_me_ || new_user_ || renew_;
}

bool session_state::puts_something() const noexcept {
  if (new_user_ && !new_user_->user.empty()) return true;
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
    const std::size_t limit = core_.options().sessions_per_user_max;
    const std::string user = limit != 0 && new_user_ ? new_user_->user : std::string{};
    if (kind_ == kind::live) {
      commit_changes();
    } else if (kind_ == kind::gone) {
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
  return base().deadline <= core_.now();
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
    created(fresh, id, {std::move(text), expiry, std::move(result.revision)});
    return;
  }
  throw error(errc::store_failed, "the session store says that new random ids exist already");
}

void session_state::created(const token& fresh, const session_id& id, record&& stored) {
  become(fresh, id, std::move(stored));
  core_.report(event_kind::created, id);
}

/// The request's session is now this one, which has just been stored.
void session_state::become(const token& fresh, const session_id& id, record&& stored) {
  kind_ = kind::live;
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
  if (core_.options().transport) {
    append_token_header(headers);
  } else if (auto cookie = cookie_to_set()) {
    headers.reserve(3);
    headers.push_back({"Set-Cookie", std::move(*cookie)});
    headers.push_back({"Cache-Control", "no-store"});
  }
  if (used_) {
    for (const std::string& name : core_.request_header_names())
      headers.push_back({"Vary", name});
  }
  cookie_is_due_ = false;
  token_is_new_ = false;
  clearing_is_due_ = false;
  return headers;
}

void session_state::append_token_header(std::vector<header>& headers) const {
  std::string value;
  if (token_is_new_ && kind_ == kind::live) {
    value = token_->text();
  } else if (!clearing_is_due_) {
    return;
  }
  headers.push_back({core_.options().transport->name, std::move(value)});
  headers.push_back({"Cache-Control", "no-store"});
}

std::optional<std::string> session_state::cookie_to_set() {
  if (!cookie_is_due_ && !clearing_is_due_) return std::nullopt;  // mostly: not a look at the clock
  const bool has_value = client_ || token_;
  if (cookie_is_due_ && kind_ == kind::live && has_value && base().deadline > core_.now()) {
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
