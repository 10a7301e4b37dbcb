#include <exception>

#include <scs/error.hpp>
#include <scs/session.hpp>

#include "session/session_state.hpp"

namespace scs {

namespace {

/// Throws `failure`, with the exception that is being handled nested in it, if there is one.
[[noreturn]] void throw_with_cause(const error& failure) {
  if (std::current_exception()) std::throw_with_nested(failure);
  throw failure;
}

std::string_view type_name(std::string_view json) noexcept {
  switch (json.empty() ? '\0' : json.front()) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

}  // namespace

session::session(std::unique_ptr<detail::session_state> state) noexcept
    : state_(std::move(state)) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

void session::load() {
  state_->load();
}
void session::load_fresh() {
  state_->load_fresh();
}
bool session::loaded() const noexcept {
  return state_->loaded();
}
bool session::exists(std::string_view key) {
  return state_->find_json(key).has_value();
}
std::vector<std::string> session::keys() {
  return state_->keys();
}
void session::remove(std::string_view key) {
  state_->remove(key);
}
void session::clear() {
  state_->clear();
}
void session::flash(std::string_view text, std::string_view kind) {
  state_->flash(text, kind);
}
std::vector<flash_message> session::flashes() {
  return state_->flashes();
}
void session::renew() {
  state_->renew();
}
void session::renew_and_clear() {
  state_->clear();
  state_->renew();
}
void session::set_user(std::string_view user, std::string_view where, at_login then) {
  state_->set_user(user, where, then);
}
std::string session::user() {
  return state_->user();
}
std::optional<time_point> session::authenticated_at() {
  return state_->authenticated_at();
}
void session::require_login_within(std::chrono::nanoseconds age) {
  state_->require_login_within(age);
}
std::string session::csrf_token() {
  return state_->csrf_token();
}
bool session::allows_change(const csrf_request& request) {
  return state_->allows_change(request);
}
bool session::merge(std::string_view token) {
  return state_->merge(token);
}
void session::destroy() {
  state_->destroy();
}
void session::remember_me(remember choice) {
  state_->remember_me(choice == remember::until_deadline);
}
std::string session::token() {
  return state_->token_text();
}
session_id session::id() {
  return state_->public_id();
}
time_point session::deadline() {
  return state_->deadline();
}
void session::set_deadline(time_point deadline) {
  state_->set_deadline(deadline);
}
void session::expire_after(std::chrono::nanoseconds duration) {
  state_->expire_after(duration);
}
std::chrono::nanoseconds session::idle_timeout() {
  return state_->idle_timeout();
}
void session::set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout) {
  state_->set_idle_timeout(timeout);
}
session_status session::status() const noexcept {
  return state_->status();
}
std::uint64_t session::change_count() const noexcept {
  return state_->change_count();
}
void session::touch() {
  state_->touch();
}
void session::set_passive() noexcept {
  state_->set_passive();
}
void session::save() {
  state_->save();
}
std::string session::debug_json() {
  return state_->debug_json();
}

std::optional<std::string_view> session::find_json(std::string_view key) {
  return state_->find_json(key);
}

void session::put_json(std::string_view key, std::string json, detail::json_source source) {
  state_->put_json(key, std::move(json), source);
}

void session::update_json(std::string_view key,
                          const std::function<std::string(std::optional<std::string_view>)>& fn,
                          detail::json_source source) {
  state_->update_json(key, fn, source);
}

void session::throw_wrong_type(std::string_view key, std::string_view json,
                               std::string_view wanted) {
  const std::string_view found = type_name(json);
  // If the stored type is the one that was asked for, or one that may hold it, the value itself
  // does not fit.
  const bool same_kind = found == wanted || (found == "a number" && wanted == "an integer") ||
                         (found == "a string" && wanted.ends_with("string of base64")) ||
                         (found == "a string" && wanted.ends_with("is a string"));
  std::string text = "the session's value \"";
  text.append(key).append("\" is ").append(found);
  text.append(same_kind ? " that does not fit the requested type: " : "; the requested type is ");
  throw_with_cause(error(errc::wrong_type, text.append(wanted)));
}

void session::throw_invalid_value() {
  throw_with_cause(error(errc::invalid_value, "the value cannot be written as JSON"));
}

}  // namespace scs
